using System.Threading.Channels;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.CallControl.News;

/// <summary>
/// Brings events to the bus, what comes within a moment together. They are not spooled: those of a call are made once more from its record, and the others are of the moment. When
/// the bus is away for long the oldest are dropped.
/// </summary>
internal sealed partial class EventReporter : BackgroundService, IEventReports
{
    private const int MostWaiting = 20_000;
    private const int LargestBatch = 500;

    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _waiting;                    // a call so far, or an event: written as JSON here and not on the tenant's thread
    private readonly IFactPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger<EventReporter> _logger;

    public EventReporter(IFactPublisher publisher, TimeProvider time, ILogger<EventReporter> logger)
    {
        (_publisher, _time, _logger) = (publisher, time, logger);
        BoundedChannelOptions bounds = new(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        _waiting = Channel.CreateBounded<object>(bounds, _ => LogDropped());
    }

    /// <inheritdoc/>
    public void CallChanged(CallEnded soFar) => _waiting.Writer.TryWrite(soFar);

    /// <inheritdoc/>
    public void Happened(TenantEvent happened) => _waiting.Writer.TryWrite(happened);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(s_gather, _time, stoppingToken);
                await PublishAsync(Take(), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops; what waits is told now or never.
            if (Take() is { Events.Count: > 0 } left)
                await _publisher.TryPublishAsync(left, CancellationToken.None);
        }
    }

    private TenantEventsHappened Take()
    {
        List<TenantEvent> events = [];
        while (events.Count < LargestBatch && _waiting.Reader.TryRead(out object? next))
        {
            if (next is CallEnded call)
                events.AddRange(OfCall(call));
            else
                events.Add((TenantEvent)next);
        }
        return new TenantEventsHappened { Events = events };
    }

    // An answer brings the beginning with it: two messages may be consumed in another order, and what is in the log already is left out.
    private static IEnumerable<TenantEvent> OfCall(CallEnded call) => call.AnsweredAt is null ? [CallEvents.Started(call)] : [CallEvents.Started(call), CallEvents.Answered(call)];

    private async Task PublishAsync(TenantEventsHappened batch, CancellationToken stop)
    {
        for (TimeSpan retry = s_firstRetry; !await _publisher.TryPublishAsync(batch, stop); retry = retry * 2 < s_lastRetry ? retry * 2 : s_lastRetry)
            await Task.Delay(retry, _time, stop);
    }

    [LoggerMessage(LogLevel.Warning, "The bus is away: an event was dropped")]
    private partial void LogDropped();
}
