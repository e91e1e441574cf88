using MassTransit.Mediator;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Runs the consumers of this process to their end, so that a spooled fact is dropped only when it is stored.</summary>
internal sealed partial class MemoryFactPublisher(IMediator mediator, ILogger<MemoryFactPublisher> logger) : IFactPublisher
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(2);

    public async Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_deadline);
        try
        {
            await mediator.Publish(fact, deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogNotConsumed(typeof(T).Name, fault.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Fact} is not consumed yet: {Fault}")]
    private partial void LogNotConsumed(string fact, string fault);
}
