using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Runs the consumers of this process to their end, so that a spooled fact is dropped only when it is stored.</summary>
internal sealed partial class MemoryFactPublisher(IServiceProvider services, ILogger<MemoryFactPublisher> logger) : IFactPublisher
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(2);

    public async Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_deadline);
        try
        {
            foreach (IFactConsumer<T> consumer in services.GetServices<IFactConsumer<T>>())
                await consumer.ConsumeAsync(fact, deadline.Token).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // whatever it is: who publishes tries again
        catch (Exception fault) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotConsumed(typeof(T).Name, fault.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Fact} is not consumed yet: {Fault}")]
    private partial void LogNotConsumed(string fact, string fault);
}
