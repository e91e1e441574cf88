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
            // Mandatory: a broker confirms also what it has no queue for, and drops it. Before Api's first start there is none.
            await bus.Publish(fact, Pipe.Execute<PublishContext<T>>(MakeMandatory), deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogNotPublished(typeof(T).Name, fault.Message);
            return false;
        }
    }

    private static void MakeMandatory(PublishContext context)
    {
        if (context.TryGetPayload(out RabbitMqSendContext? send))
            send.Mandatory = true;
    }

    [LoggerMessage(LogLevel.Warning, "{Fact} is not published yet: {Fault}")]
    private partial void LogNotPublished(string fact, string fault);
}
