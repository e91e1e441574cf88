using System.Diagnostics;
using System.Threading.Channels;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.Contracts.Events;
using CloudPbx.Hosting.Web.Bus;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Accounting;

/// <summary>
/// The worker's one publisher of call records: calls put facts in, they go to the local spool first, then to the bus, and leave the
/// spool when the bus has confirmed them. A fact may be published twice, never lost; consumers are idempotent by its call.
/// While the bus is away no more than some thousand facts are kept in memory: the others are in the spool alone, and come back from there.
/// </summary>
internal sealed partial class CallEndedQueue : BackgroundService, ICallRecords
{
    /// <summary>Facts that wait in memory at most; one takes some kilobytes, most of it its ladder.</summary>
    internal const int MostInMemory = 5_000;

    private const int LargestWave = 256;

    // What ends within it is one write and one wave. Until then a kill is made good by the snapshots, where Redis outlives this process.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<Entry> _appended = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Channel<Entry?> _spooled = Channel.CreateUnbounded<Entry?>(new() { SingleReader = true });
    private readonly IFactPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly WorkerMetrics _metrics;
    private readonly ILogger<CallEndedQueue> _logger;
    private readonly string _folder;
    private readonly CancellationTokenSource _stopping = new();
    private CallEndedSpool? _spool;
    private int _inMemory;                                       // facts that were spooled and are not confirmed

    public CallEndedQueue(
        IFactPublisher publisher, IOptions<CallControlOptions> options, TimeProvider time, WorkerMetrics metrics, ILogger<CallEndedQueue> logger)
    {
        _publisher = publisher;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _folder = options.Value.SpoolFolder;
    }

    /// <inheritdoc/>
    public void Append(CallEnded fact, Action confirmed)
    {
        if (!_appended.Writer.TryWrite(new Entry(fact, confirmed)))
            Spool([fact]);                                       // the process is stopping: the next start publishes it
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _spool = new CallEndedSpool(_folder, SetAside);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Writes what was appended so far to the spool, offers each fact to the bus once more, then stops.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _appended.Writer.TryComplete();
        await _stopping.CancelAsync();                           // ends a pause between two tries
        if (ExecuteTask is { } running)
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        _spool?.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        // The bus may take seconds; the disk must not wait for it.
        await Task.WhenAll(SpoolAsync(), PublishAsync(stoppingToken));
    }

    private async Task SpoolAsync()
    {
        List<Entry> wave = [];
        while (await _appended.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (wave.Count < LargestWave && _appended.Reader.TryRead(out Entry? entry))
            {
                if (Volatile.Read(ref _inMemory) + wave.Count < MostInMemory || !KeepsForLater(entry.Fact))
                {
                    wave.Add(entry);
                    continue;
                }
                entry.Confirmed!();                              // nor is its snapshot kept: that would be in memory, too, and in Redis
                if (Volatile.Read(ref _inMemory) == 0)
                    _spooled.Writer.TryWrite(null);              // the publisher has looked into the spool a moment too early
            }
            if (wave.Count > 0)
                Spool([.. wave.Select(entry => entry.Fact)]);
            Interlocked.Add(ref _inMemory, wave.Count);
            foreach (Entry entry in wave)
                _spooled.Writer.TryWrite(entry);
            if (wave.Count < LargestWave)
                await DelayAsync(s_gather);
            wave.Clear();
        }
        _spooled.Writer.TryComplete();
    }

    private bool KeepsForLater(CallEnded fact)
    {
        try
        {
            _spool!.AppendForLater(fact);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogSpoolFailed(fact.CallId.ToString(), e);
            return false;
        }
    }

    private void Spool(IReadOnlyList<CallEnded> facts)
    {
        try
        {
            _spool!.Append(facts);                               // without their ladders, which the bus gets from memory
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            foreach (CallEnded fact in facts)
                LogSpoolFailed(fact.CallId.ToString(), e);       // still offered to the bus, from memory
        }
    }

    private async Task PublishAsync(CancellationToken stop)
    {
        TimeSpan retry = s_firstRetry;
        List<Entry> wave = [];                                   // published together: one after the other would wait for each confirm
        Queue<CallEnded> left = [];                              // of a segment that was read back
        while (true)
        {
            bool stops = _stopping.IsCancellationRequested;      // the next start reads the spool
            if (wave.Count == 0 && left.Count == 0 && !stops)
                ReadBack(left);
            if (wave.Count == 0 && (left.Count == 0 || stops) && !await _spooled.Reader.WaitToReadAsync(CancellationToken.None))
                return;
            while (wave.Count < LargestWave / 2 && !stops && left.TryDequeue(out CallEnded? fact))       // the other half is for what ends now
                wave.Add(new Entry(fact, null));
            while (wave.Count < LargestWave && _spooled.Reader.TryRead(out Entry? entry))
                if (entry is not null)
                    wave.Add(entry);
            bool[] taken = await Task.WhenAll(wave.Select(entry => TryPublishAsync(entry.Fact, stop)));
            List<Entry> refused = [];
            for (int i = 0; i < wave.Count; i++)
            {
                if (!taken[i])
                {
                    refused.Add(wave[i]);
                }
                else if (wave[i].Confirmed is { } confirmed)
                {
                    Interlocked.Decrement(ref _inMemory);
                    confirmed();
                }
            }
            wave = refused;
            if (wave.Count == 0)
            {
                retry = s_firstRetry;
                continue;
            }
            if (_stopping.IsCancellationRequested)
                return;                                          // the next start finds them in the spool
            await DelayAsync(retry);
            retry = retry * 2 < s_lastRetry ? retry * 2 : s_lastRetry;
        }
    }

    private void ReadBack(Queue<CallEnded> left)
    {
        try
        {
            while (left.Count == 0 && _spool!.HasUnread)
                foreach (CallEnded fact in _spool.ReadNext())
                    left.Enqueue(fact);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e);
        }
    }

    private void SetAside(string path, Exception why)
    {
        _metrics.SegmentSetAside();
        LogSetAside(path, why);
    }

    private async Task<bool> TryPublishAsync(CallEnded fact, CancellationToken stop)
    {
        using Activity? span = WorkerTrace.Continue("publish CallEnded", ActivityKind.Producer, fact.TraceParent);
        try
        {
            if (!await _publisher.TryPublishAsync(fact, stop))       // it gives up after two seconds by itself
                return false;
            _spool!.Remove(fact.CallId);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            LogPublishFailed(fact.CallId.ToString(), e.Message);
            return e is not OperationCanceledException;              // confirmed but not removed: the next start sends it once more
        }
    }

    private async Task DelayAsync(TimeSpan delay) =>
        await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <param name="Fact">The fact.</param>
    /// <param name="Confirmed">Whom to tell when the bus has it; null for one that was read back from the spool.</param>
    private sealed record Entry(CallEnded Fact, Action? Confirmed);

    [LoggerMessage(LogLevel.Error, "The record of call {CallId} could not be written to the spool; it is kept in memory")]
    private partial void LogSpoolFailed(string callId, Exception exception);

    [LoggerMessage(LogLevel.Error, "Call records that wait in the spool could not be read; they are tried again later")]
    private partial void LogUnreadable(Exception exception);

    [LoggerMessage(LogLevel.Error, "Call records in the spool cannot be read: they are set aside as {Path}, and tried again when this worker starts next. Mend the disk or the file's permissions")]
    private partial void LogSetAside(string path, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The bus did not take the record of call {CallId}, it stays in the spool: {Reason}")]
    private partial void LogPublishFailed(string callId, string reason);
}
