using System.Threading.Channels;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Api.Mail;

/// <summary>Tells a tenant's administrators by mail of one kind of event, one after the other. Without a mail server a line in the log has to do.</summary>
/// <param name="type">Which events: one of <see cref="EventTypes"/>.</param>
/// <remarks>Thread-safe; singletons. Nobody waits for a mail: <see cref="Happened"/> only queues.</remarks>
internal abstract class EventMailer(string type) : BackgroundService
{
    private const int MostWaiting = 1000;

    private readonly Channel<TenantEvent> _waiting = Channel.CreateBounded<TenantEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Events were written into the log.</summary>
    public void Happened(IEnumerable<TenantEvent> events)
    {
        foreach (TenantEvent happened in events)
            if (happened.Type == type)
                _waiting.Writer.TryWrite(happened);
    }

    /// <summary>Tells of one event, where it is to be told of. Called for one at a time.</summary>
    /// <returns>How many mails were sent.</returns>
    internal abstract Task<int> TellAsync(TenantEvent happened, CancellationToken cancel);

    /// <summary>Notes that nobody could be told.</summary>
    /// <param name="tenantId">Whose event it is.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="fault">Why.</param>
    protected abstract void LogNotTold(TenantId tenantId, string? subject, string fault);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (TenantEvent happened in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                try
                {
                    await TellAsync(happened, stoppingToken);
                }
                catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
                {
                    LogNotTold(happened.TenantId, happened.Subject, fault.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }
}
