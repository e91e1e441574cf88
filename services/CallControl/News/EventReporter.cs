using System.Threading.Channels;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.CallControl.News;

/// <summary>
/// Brings events to the bus, what comes within a moment together, and a busy tenant's once a second: each lot of a tenant is a transaction of whoever stores it. They are not spooled:
/// those of a call are made once more from its record, and the others are of the moment. When the bus is away for long the oldest are dropped.
/// </summary>
internal sealed partial class EventReporter : BackgroundService, IEventReports
{
    private const int MostWaiting = 20_000;
    private const int LargestBatch = 500;
    private const int LargestSort = 2000;

    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);       // between two lots of one tenant
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _waiting;                    // a call so far, or an event: written as JSON here and not on the tenant's thread
    private readonly IFactPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger<EventReporter> _logger;
    private readonly Dictionary<TenantId, Lot> _lots = [];        // of tenants that were told of a moment ago, or will be

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
            while (_lots.Count > 0 || await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(s_gather, _time, stoppingToken);
                Sort();
                foreach (List<TenantEvent> due in Take(_time.GetTimestamp()))
                    await PublishAsync(new TenantEventsHappened { Events = due }, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops; what waits is told now or never.
            Sort();
            foreach (List<TenantEvent> left in Take(due: null))
                await _publisher.TryPublishAsync(new TenantEventsHappened { Events = left }, CancellationToken.None);
        }
    }

    private void Sort()
    {
        for (int i = 0; i < LargestSort && _waiting.Reader.TryRead(out object? next); i++)
        {
            if (next is CallEnded call)
                Add(LotOf(call.TenantId), call);
            else if (next is TenantEvent happened)
                LotOf(happened.TenantId).Events.Add(happened);
        }
    }

    // An answer brings the beginning with it: two messages may be consumed in another order, and what is in the log already is left out. In one message they stand in theirs.
    private static void Add(Lot lot, CallEnded call)
    {
        Begin(lot, call);
        if (call.AnsweredAt is null)
            return;
        if (lot.Events.Count % LargestBatch == 0)
            Begin(lot, call);                                     // it took the last place of its message
        lot.Events.Add(CallEvents.Answered(call));
    }

    private static void Begin(Lot lot, CallEnded call)
    {
        if (lot.Events.Count % LargestBatch == 0)
            lot.Begun.Clear();
        if (lot.Begun.Add(call.CallId))
            lot.Events.Add(CallEvents.Started(call));
    }

    private Lot LotOf(TenantId tenant)
    {
        if (!_lots.TryGetValue(tenant, out Lot? lot))
            _lots.Add(tenant, lot = new Lot());
        return lot;
    }

    /// <param name="due">Now; null for all that there is.</param>
    private List<List<TenantEvent>> Take(long? due)
    {
        List<List<TenantEvent>> batches = [];
        foreach ((TenantId tenant, Lot lot) in _lots)
        {
            if (due is { } now && lot.Told is { } told && _time.GetElapsedTime(told, now) < s_pause)
                continue;
            if (lot.Events.Count == 0)
                _lots.Remove(tenant);
            foreach (TenantEvent[] part in lot.Events.Chunk(LargestBatch))
            {
                if (batches.Count == 0 || batches[^1].Count + part.Length > LargestBatch)
                    batches.Add([]);
                batches[^1].AddRange(part);
            }
            lot.Events.Clear();
            lot.Begun.Clear();
            lot.Told = due;
        }
        return batches;
    }

    private async Task PublishAsync(TenantEventsHappened batch, CancellationToken stop)
    {
        for (TimeSpan retry = s_firstRetry; !await _publisher.TryPublishAsync(batch, stop); retry = retry * 2 < s_lastRetry ? retry * 2 : s_lastRetry)
            await Task.Delay(retry, _time, stop);
    }

    private sealed class Lot
    {
        public List<TenantEvent> Events { get; } = [];

        /// <summary>The calls whose beginning is told in the message that the next event will be in.</summary>
        public HashSet<CallId> Begun { get; } = [];

        public long? Told { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "The bus is away: an event was dropped")]
    private partial void LogDropped();
}
