using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Writes what a tenant learns of its trunks behind it: one write at a time, what changes meanwhile is the next one. No call waits for it.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
/// <param name="tenant">The tenant.</param>
/// <param name="worker">Its worker.</param>
/// <param name="noteOf">What is known of a trunk; null for nothing.</param>
internal sealed partial class TrunkNoteWriter(TenantRuntime tenant, WorkerServices worker, Func<TrunkId, TrunkNote?> noteOf)
{
    // With a carrier that is down every call fails.
    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private readonly ILogger<TrunkNoteWriter> _logger = worker.Loggers.CreateLogger<TrunkNoteWriter>();
    private readonly HashSet<TrunkId> _changed = [];
    private Task? _writing;
    private bool _isScheduled;

    /// <summary>What is known of a trunk is not as it was written last.</summary>
    public void Changed(TrunkId trunk)
    {
        _changed.Add(trunk);
        WriteWithin(s_gather);
    }

    /// <summary>Writes what has changed. Completes when the store has it, or is away.</summary>
    public async Task FlushAsync()
    {
        if (_writing is { } writing)
            await writing;
        if (_changed.Count > 0)
            await WriteOnceAsync();
    }

    private void WriteWithin(TimeSpan time)
    {
        if (_isScheduled || _writing is not null)
            return;
        _isScheduled = true;
        tenant.Timers.Schedule(time, static state => ((TrunkNoteWriter)state!).Write(), this);
    }

    private void Write()
    {
        _isScheduled = false;
        _writing ??= WriteAsync();
    }

    private async Task WriteAsync()
    {
        TimeSpan pause = s_gather;
        await Task.Yield();                                       // or it would be over before it is known to be under way
        try
        {
            if (await WriteOnceAsync() == StoreOutcome.Away)
                pause = s_retry;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(tenant.Tenant.ToString(), e);                // a bug of ours must not keep the next ones from being written
        }
        finally
        {
            _writing = null;
            if (_changed.Count > 0)
                WriteWithin(pause);
        }
    }

    private async Task<StoreOutcome> WriteOnceAsync()
    {
        TrunkId[] changed = [.. _changed];
        _changed.Clear();
        StoredTrunkNote[] save = [.. changed.Select(trunk => (Trunk: trunk, Note: noteOf(trunk))).Where(one => one.Note is not null).Select(one => new StoredTrunkNote(one.Trunk, one.Note!.ToOctets()))];
        StoreOutcome outcome = await worker.TrunkNotes.WriteAsync(tenant.Tenant, tenant.Epoch, save, [.. changed.Where(trunk => noteOf(trunk) is null)]);
        if (outcome == StoreOutcome.Away)
            _changed.UnionWith(changed);
        return outcome;                                           // where another worker has the tenant, its calls tell
    }

    [LoggerMessage(LogLevel.Error, "What tenant {TenantId} knows of its trunks could not be written")]
    private partial void LogFault(string tenantId, Exception exception);
}
