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
/// </summary>
internal sealed partial class CallEndedQueue : BackgroundService, ICallRecords
{
    private const int LargestWave = 256;

    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<Entry> _appended = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Channel<Entry> _spooled = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly IFactPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger<CallEndedQueue> _logger;
    private readonly string _folder;
    private readonly CancellationTokenSource _stopping = new();
    private CallEndedSpool? _spool;

    public CallEndedQueue(
        IFactPublisher publisher, IOptions<CallControlOptions> options, TimeProvider time, ILogger<CallEndedQueue> logger)
    {
        _publisher = publisher;
        _time = time;
        _logger = logger;
        _folder = options.Value.SpoolFolder;
    }

    /// <inheritdoc/>
    public void Append(CallEnded fact, Action confirmed)
    {
        if (!_appended.Writer.TryWrite(new Entry(fact, confirmed)))
            Spool(fact);                                         // the process is stopping: the next start publishes it
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _spool = new CallEndedSpool(_folder);
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
        foreach (CallEnded left in _spool!.ReadAll())
            _spooled.Writer.TryWrite(new Entry(left, null));
        // The bus may take seconds; the disk must not wait for it.
        await Task.WhenAll(SpoolAsync(), PublishAsync(stoppingToken));
    }

    private async Task SpoolAsync()
    {
        await foreach (Entry entry in _appended.Reader.ReadAllAsync(CancellationToken.None))
        {
            Spool(entry.Fact);
            _spooled.Writer.TryWrite(entry);
        }
        _spooled.Writer.TryComplete();
    }

    private void Spool(CallEnded fact)
    {
        try
        {
            _spool!.Append(fact with { Ladder = null });         // a picture, and most of what would be written; the bus gets it from memory
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogSpoolFailed(fact.CallId.ToString(), e);           // still offered to the bus, from memory
        }
    }

    private async Task PublishAsync(CancellationToken stop)
    {
        TimeSpan retry = s_firstRetry;
        List<Entry> wave = [];                                   // published together: one after the other would wait for each confirm
        while (wave.Count > 0 || await _spooled.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (wave.Count < LargestWave && _spooled.Reader.TryRead(out Entry? entry))
                wave.Add(entry);
            bool[] taken = await Task.WhenAll(wave.Select(entry => TryPublishAsync(entry.Fact, stop)));
            List<Entry> left = [];
            for (int i = 0; i < wave.Count; i++)
            {
                if (taken[i])
                    wave[i].Confirmed?.Invoke();
                else
                    left.Add(wave[i]);
            }
            wave = left;
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
    /// <param name="Confirmed">Whom to tell when the bus has it; null for one that an earlier life of the process left.</param>
    private sealed record Entry(CallEnded Fact, Action? Confirmed);

    [LoggerMessage(LogLevel.Error, "The record of call {CallId} could not be written to the spool; it is kept in memory")]
    private partial void LogSpoolFailed(string callId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The bus did not take the record of call {CallId}, it stays in the spool: {Reason}")]
    private partial void LogPublishFailed(string callId, string reason);
}
