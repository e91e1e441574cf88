using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Writes what a tenant learns of its trunks behind it.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TrunkNoteWriter
{
    // With a carrier that is down every call fails.
    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private readonly TenantRuntime _tenant;
    private readonly ITrunkNoteCopy _copy;
    private readonly Func<TrunkId, TrunkNote?> _noteOf;
    private readonly ILogger<TrunkNoteWriter> _logger;
    private readonly WriteBehind _behind;
    private readonly HashSet<TrunkId> _changed = [];

    /// <param name="tenant">The tenant.</param>
    /// <param name="worker">Its worker.</param>
    /// <param name="noteOf">What is known of a trunk; null for nothing.</param>
    public TrunkNoteWriter(TenantRuntime tenant, WorkerServices worker, Func<TrunkId, TrunkNote?> noteOf)
    {
        (_tenant, _copy, _noteOf) = (tenant, worker.TrunkNotes, noteOf);
        _logger = worker.Loggers.CreateLogger<TrunkNoteWriter>();
        _behind = new WriteBehind(tenant.Timers, s_gather, s_retry, () => _changed.Count > 0, WriteOnceAsync, fault => LogFault(tenant.Tenant.ToString(), fault));
    }

    /// <summary>What is known of a trunk is not as it was written last.</summary>
    public void Changed(TrunkId trunk)
    {
        _changed.Add(trunk);
        _behind.Changed();
    }

    /// <summary>Writes what has changed. Completes when the store has it, or is away.</summary>
    public async Task FlushAsync()
    {
        await _behind.WrittenAsync();
        if (_changed.Count > 0)
            await WriteOnceAsync();
    }

    private async Task<StoreOutcome> WriteOnceAsync()
    {
        TrunkId[] changed = [.. _changed];
        _changed.Clear();
        List<StoredTrunkNote> save = [];
        List<TrunkId> remove = [];
        foreach (TrunkId trunk in changed)
        {
            if (_noteOf(trunk) is { } note)
                save.Add(new StoredTrunkNote(trunk, note.ToOctets()));
            else
                remove.Add(trunk);
        }
        StoreOutcome outcome = await _copy.WriteAsync(_tenant.Tenant, _tenant.Epoch, save, remove);
        if (outcome == StoreOutcome.Away)
            _changed.UnionWith(changed);
        return outcome;                                           // where another worker has the tenant, its calls tell
    }

    [LoggerMessage(LogLevel.Error, "What tenant {TenantId} knows of its trunks could not be written")]
    private partial void LogFault(string tenantId, Exception exception);
}
