using System.Text.Json;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Net.Timers;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>
/// Writes a tenant's snapshots behind its calls: one write at a time, and what changes within some milliseconds is one write. Nobody waits for it but the tenant that moves.
/// While the store is away calls go on, and all of them are written when it is back.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class SnapshotWriter(TenantRuntime tenant, WorkerServices worker, Func<CallId, bool, CallSnapshot?> running, Func<IEnumerable<CallId>> all)
{
    // A call that is set up, or ends, changes several times within it.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(25);

    // Where the record of an ended call is found a moment too long it is stored once all the same; most go with another call's write.
    private static readonly TimeSpan s_removal = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ILogger<SnapshotWriter> _logger = worker.Loggers.CreateLogger<SnapshotWriter>();
    private readonly Dictionary<CallId, CallEnded> _ended = [];
    private readonly HashSet<CallId> _dirty = [];
    private readonly HashSet<CallId> _removed = [];
    private Task? _writing;
    private bool _everything;
    private bool _closed;
    private TimeSpan _due = TimeSpan.MaxValue;                    // when what has changed is to be written
    private TimeSpan _rest;                                       // until then no write begins
    private TimerHandle _timer;

    private TimeSpan Now => worker.Time.GetElapsedTime(0);

    /// <summary>A call is not as it was written last.</summary>
    /// <param name="call">The call.</param>
    /// <param name="atOnce">Whether a kill in the next milliseconds would lose what nobody can make good: phones are called, and whoever finds the call has to end them, or it was answered.</param>
    public void Changed(CallId call, bool atOnce = false)
    {
        _dirty.Add(call);
        WriteWithin(atOnce ? TimeSpan.Zero : s_gather);
    }

    /// <summary>A call ended: its record, without the ladder, is kept until <see cref="Confirmed"/>.</summary>
    public void Ended(CallEnded fact)
    {
        _ended[fact.CallId] = fact;
        Changed(fact.CallId);
    }

    /// <summary>The bus has a call's record: nobody needs its snapshot any more.</summary>
    public void Confirmed(CallId call)
    {
        _ended.Remove(call);
        _removed.Add(call);
        // Where the bus was quicker than the snapshot that says so, the store has a call still that goes on.
        WriteWithin(_dirty.Remove(call) ? s_gather : s_removal);
    }

    /// <summary>Writes everything once more: the store lost it, or would let it expire.</summary>
    public void Reseed()
    {
        if (!all().Any() && _ended.Count == 0)
            return;
        _everything = true;
        WriteWithin(TimeSpan.Zero);
    }

    /// <summary>Writes what has changed and waits for no more: the process is about to end. Completes when the store has it, or is away.</summary>
    public async Task FlushAsync()
    {
        if (_writing is { } writing)
            await writing;
        _timer.Cancel();
        if (_due < TimeSpan.MaxValue)
            Write();
        if (_writing is { } last)
            await last;
    }

    /// <summary>Writes all calls as they are handed over. Nothing of the tenant may change any more.</summary>
    /// <returns>What became of it; after <see cref="StoreOutcome.Away"/> the calls are written as before.</returns>
    public async Task<StoreOutcome> HandOverAsync()
    {
        _closed = true;
        _timer.Cancel();
        if (_writing is { } writing)
            await writing;
        _everything = true;
        StoreOutcome outcome = await WriteOnceAsync(handOver: true);
        _closed = outcome != StoreOutcome.Away;
        Schedule();
        return outcome;
    }

    private void WriteWithin(TimeSpan time)
    {
        if (Now + time is var due && due >= _due)
            return;
        _due = due;
        Schedule();
    }

    private void Schedule()
    {
        if (_writing is not null || _closed || _due == TimeSpan.MaxValue)
            return;
        _timer.Cancel();
        TimeSpan wait = (_due > _rest ? _due : _rest) - Now;
        if (wait > TimeSpan.Zero)
            _timer = tenant.Timers.Schedule(wait, static state => ((SnapshotWriter)state!).Write(), this);
        else
            Write();
    }

    private void Write()
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
            if (!_closed && await WriteOnceAsync() == StoreOutcome.Stale)
            {
                _closed = true;
                LogStale(tenant.Tenant.ToString(), tenant.Epoch);
                tenant.Superseded();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(tenant.Tenant.ToString(), e);                // a bug of ours must not keep the others' snapshots from being written next time
        }
        finally
        {
            _writing = null;
            Schedule();
        }
    }

    private async Task<StoreOutcome> WriteOnceAsync(bool handOver = false)
    {
        bool everything = _everything;
        PooledOctets octets = new();
        List<StoredCall> save = Store(octets, everything, handOver);
        CallId[] removed = [.. _removed];
        _everything = false;
        _dirty.Clear();
        _removed.Clear();
        _due = TimeSpan.MaxValue;
        StoreOutcome outcome = await worker.Snapshots.WriteAsync(tenant.Tenant, tenant.Epoch, everything, save, removed);
        _rest = Now + (outcome == StoreOutcome.Away ? s_retry : s_gather);
        if (outcome == StoreOutcome.Away)
        {
            _everything = true;                                   // what is there when it returns, nobody knows
            _due = _rest;
        }
        else
        {
            octets.Dispose();                                     // what came too late may be on its way yet: then its array stays its own
        }
        return outcome;
    }

    private List<StoredCall> Store(PooledOctets octets, bool everything, bool handOver)
    {
        List<(CallId Call, int End)> calls = [];
        using (Utf8JsonWriter json = new(octets, CallSnapshotFormat.WriterOptions))
        {
            foreach (CallId call in everything ? _ended.Keys.Union(all()) : _dirty)
            {
                if (SnapshotOf(call, handOver) is not { } snapshot)
                    continue;
                CallSnapshotFormat.Write(json, snapshot);
                json.Flush();
                json.Reset();
                calls.Add((call, octets.Written.Length));
            }
        }
        List<StoredCall> stored = new(calls.Count);
        int start = 0;
        foreach ((CallId call, int end) in calls)
        {
            stored.Add(new StoredCall(call, octets.Written[start..end]));
            start = end;
        }
        return stored;
    }

    private CallSnapshot? SnapshotOf(CallId call, bool handOver) =>
        _ended.TryGetValue(call, out CallEnded? fact) ? new CallSnapshot { Phase = CallPhase.Ended, IsHandedOver = handOver, Ended = fact } : running(call, handOver);

    [LoggerMessage(LogLevel.Error, "Snapshots of tenant {TenantId} could not be written")]
    private partial void LogFault(string tenantId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} lives elsewhere with a higher epoch than {Epoch}; it is left alone here")]
    private partial void LogStale(string tenantId, long epoch);
}
