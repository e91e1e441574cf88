using MassTransit;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Publishes by RabbitMQ. MassTransit's Publish waits for ever while the broker is away, hence the deadline.</summary>
internal sealed partial class BusFactPublisher(IBus bus, ILogger<BusFactPublisher> logger) : IFactPublisher
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(2);

    public async Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_deadline);
        try
        {
            await bus.Publish(fact, deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogNotPublished(typeof(T).Name, fault.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Fact} is not published yet: {Fault}")]
    private partial void LogNotPublished(string fact, string fault);
}
