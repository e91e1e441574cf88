using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Net.Timers;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>
/// Writes a tenant's snapshots behind its calls: one write at a time, what changes meanwhile goes with the next one. Nobody waits for it but the tenant that moves.
/// While the store is away calls go on, and all of them are written when it is back.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class SnapshotWriter(TenantRuntime tenant, WorkerServices worker, Func<CallId, bool, CallSnapshot?> running, Func<IEnumerable<CallId>> all)
{
    // A busy tenant's changes gather for as long; the first one after a pause is written at once.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ILogger<SnapshotWriter> _logger = worker.Loggers.CreateLogger<SnapshotWriter>();
    private readonly Dictionary<CallId, CallEnded> _ended = [];
    private readonly HashSet<CallId> _dirty = [];
    private readonly HashSet<CallId> _removed = [];
    private Task? _writing;
    private bool _everything;
    private bool _closed;
    private TimerHandle _pause;
    private TaskCompletionSource? _pausing;

    /// <summary>A call is not as it was written last.</summary>
    public void Changed(CallId call)
    {
        _dirty.Add(call);
        Start();
    }

    /// <summary>A call ended: its record is kept until <see cref="Confirmed"/>. Without the ladder: that is for people, and would make the write several times as long.</summary>
    public void Ended(CallEnded fact)
    {
        _ended[fact.CallId] = fact with { Ladder = null };
        Changed(fact.CallId);
    }

    /// <summary>The bus has a call's record: nobody needs its snapshot any more.</summary>
    public void Confirmed(CallId call)
    {
        _ended.Remove(call);
        _dirty.Remove(call);
        _removed.Add(call);
        Start();
    }

    /// <summary>Writes everything once more: the store lost it, or would let it expire.</summary>
    public void Reseed()
    {
        if (!all().Any() && _ended.Count == 0)
            return;
        _everything = true;
        Start();
    }

    /// <summary>Writes all calls as they are handed over. Nothing of the tenant may change any more.</summary>
    /// <returns>What became of it; after <see cref="StoreOutcome.Away"/> the calls are written as before.</returns>
    public async Task<StoreOutcome> HandOverAsync()
    {
        _closed = true;
        _pausing?.TrySetResult();
        if (_writing is { } writing)
            await writing;
        _everything = true;
        StoreOutcome outcome = await WriteOnceAsync(handOver: true);
        _closed = outcome != StoreOutcome.Away;
        return outcome;
    }

    private void Start()
    {
        if (_writing is null && !_closed)
            _writing = WriteAsync();
    }

    private async Task WriteAsync()
    {
        // Not inside the handler that changed something: it may change more.
        await Task.Yield();
        try
        {
            while (!_closed && (_everything || _dirty.Count > 0 || _removed.Count > 0))
            {
                StoreOutcome outcome = await WriteOnceAsync();
                if (outcome == StoreOutcome.Stale)
                {
                    _closed = true;
                    LogStale(tenant.Tenant.ToString(), tenant.Epoch);
                    tenant.Superseded();
                    return;
                }
                if (!_closed)
                    await PauseAsync(outcome == StoreOutcome.Away ? s_retry : s_gather);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(tenant.Tenant.ToString(), e);                // a bug of ours must not keep the others' snapshots from being written next time
        }
        finally
        {
            _writing = null;
        }
    }

    private async Task<StoreOutcome> WriteOnceAsync(bool handOver = false)
    {
        bool everything = _everything;
        List<StoredCall> save = [.. (everything ? [.. all(), .. _ended.Keys] : _dirty.ToArray()).Distinct().Select(call => Store(call, handOver)).OfType<StoredCall>()];
        CallId[] removed = [.. _removed];
        _everything = false;
        _dirty.Clear();
        _removed.Clear();
        StoreOutcome outcome = await worker.Snapshots.WriteAsync(tenant.Tenant, tenant.Epoch, everything, save, removed);
        if (outcome == StoreOutcome.Away)
            _everything = true;                                   // what is there when it returns, nobody knows
        return outcome;
    }

    private StoredCall? Store(CallId call, bool handOver)
    {
        CallSnapshot? snapshot = _ended.TryGetValue(call, out CallEnded? fact)
            ? new CallSnapshot { Phase = CallPhase.Ended, Ended = fact }
            : running(call, handOver);
        return snapshot is null ? null : new StoredCall(call, CallSnapshotFormat.ToBytes(snapshot with { IsHandedOver = handOver }));
    }

    private async Task PauseAsync(TimeSpan time)
    {
        _pausing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pause = tenant.Timers.Schedule(time, static state => ((TaskCompletionSource)state!).TrySetResult(), _pausing);
        await _pausing.Task;
        _pause.Cancel();
        _pausing = null;
    }

    [LoggerMessage(LogLevel.Error, "Snapshots of tenant {TenantId} could not be written")]
    private partial void LogFault(string tenantId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} lives elsewhere with a higher epoch than {Epoch}; it is left alone here")]
    private partial void LogStale(string tenantId, long epoch);
}
