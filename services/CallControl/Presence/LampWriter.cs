using CloudPbx.CallControl.Tenants;
using CloudPbx.State;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>Writes a tenant's busy lamps behind them. While the store is away all of them wait for its return.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class LampWriter
{
    // A phone that starts subscribes with all of its keys at once.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly TenantRuntime _tenant;
    private readonly ILampCopy _copy;
    private readonly Func<IEnumerable<BusyLamp>> _all;
    private readonly ILogger<LampWriter> _logger;
    private readonly WriteBehind _behind;
    private readonly Dictionary<string, BusyLamp?> _dirty = new(StringComparer.Ordinal);
    private bool _everything;

    /// <param name="tenant">The tenant.</param>
    /// <param name="worker">Its worker.</param>
    /// <param name="all">Its lamps.</param>
    public LampWriter(TenantRuntime tenant, WorkerServices worker, Func<IEnumerable<BusyLamp>> all)
    {
        (_tenant, _copy, _all) = (tenant, worker.Lamps, all);
        _logger = worker.Loggers.CreateLogger<LampWriter>();
        _behind = new WriteBehind(tenant.Timers, s_gather, s_retry, () => _everything || _dirty.Count > 0, WriteOnceAsync, fault => LogFault(tenant.Tenant.ToString(), fault));
    }

    /// <summary>A lamp is not as it was written last.</summary>
    public void Changed(BusyLamp lamp)
    {
        _dirty[lamp.Key] = lamp;
        _behind.Changed();
    }

    /// <summary>A lamp is no more.</summary>
    public void Removed(string key)
    {
        _dirty[key] = null;
        _behind.Changed();
    }

    /// <summary>Writes all of them over what stands there: the store lost it, or holds what cannot be used.</summary>
    public void Reseed()
    {
        _everything = true;
        _behind.Changed();
    }

    /// <summary>Writes all of them as they are now. Completes when the store has them, or is away.</summary>
    public async Task FlushAsync()
    {
        await _behind.WrittenAsync();
        if (_dirty.Count == 0 && !_all().Any())
            return;
        _everything = true;
        await WriteOnceAsync();
    }

    private async Task<StoreOutcome> WriteOnceAsync()
    {
        bool everything = _everything;
        StoredSubscription[] save = [.. (everything ? _all() : _dirty.Values.OfType<BusyLamp>()).Where(lamp => !lamp.Subscription.IsEnded).Select(lamp => lamp.ToStored())];
        string[] remove = everything ? [] : [.. _dirty.Where(changed => changed.Value is null).Select(changed => changed.Key)];
        _everything = false;
        _dirty.Clear();
        StoreOutcome outcome = await _copy.WriteAsync(_tenant.Tenant, _tenant.Epoch, everything, save, remove);
        _everything |= outcome == StoreOutcome.Away;              // what is there when it returns, nobody knows
        return outcome;                                           // where another worker has the tenant, its calls tell
    }

    [LoggerMessage(LogLevel.Error, "Subscriptions of tenant {TenantId} could not be written")]
    private partial void LogFault(string tenantId, Exception exception);
}
