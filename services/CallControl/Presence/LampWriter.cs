using CloudPbx.CallControl.Tenants;
using CloudPbx.Net.Timers;
using CloudPbx.State;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>Writes a tenant's busy lamps behind them: one write at a time, what changes meanwhile is the next one. No phone waits for it. While the store is away all of them wait for its return.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class LampWriter(TenantRuntime tenant, WorkerServices worker, Func<IEnumerable<BusyLamp>> all)
{
    // A phone that starts subscribes with all of its keys at once.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly ILogger<LampWriter> _logger = worker.Loggers.CreateLogger<LampWriter>();
    private readonly Dictionary<string, BusyLamp?> _dirty = new(StringComparer.Ordinal);
    private Task? _writing;
    private bool _everything;
    private bool _isScheduled;

    /// <summary>A lamp is not as it was written last.</summary>
    public void Changed(BusyLamp lamp)
    {
        _dirty[lamp.Key] = lamp;
        WriteWithin(s_gather);
    }

    /// <summary>A lamp is no more.</summary>
    public void Removed(string key)
    {
        _dirty[key] = null;
        WriteWithin(s_gather);
    }

    /// <summary>Writes all of them over what stands there: the store lost it, or holds what cannot be used.</summary>
    public void Reseed()
    {
        _everything = true;
        WriteWithin(s_gather);
    }

    /// <summary>Writes all of them as they are now. Completes when the store has them, or is away.</summary>
    public async Task FlushAsync()
    {
        if (_writing is { } writing)
            await writing;
        if (_dirty.Count == 0 && !all().Any())
            return;
        _everything = true;
        await WriteOnceAsync();
    }

    private void WriteWithin(TimeSpan time)
    {
        if (_isScheduled || _writing is not null)
            return;
        _isScheduled = true;
        tenant.Timers.Schedule(time, static state => ((LampWriter)state!).Write(), this);
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
            if (_everything || _dirty.Count > 0)
                WriteWithin(pause);
        }
    }

    private async Task<StoreOutcome> WriteOnceAsync()
    {
        bool everything = _everything;
        StoredSubscription[] save = [.. (everything ? all() : _dirty.Values.OfType<BusyLamp>()).Where(lamp => !lamp.Subscription.IsEnded).Select(lamp => lamp.ToStored())];
        string[] remove = everything ? [] : [.. _dirty.Where(changed => changed.Value is null).Select(changed => changed.Key)];
        _everything = false;
        _dirty.Clear();
        StoreOutcome outcome = await worker.Lamps.WriteAsync(tenant.Tenant, tenant.Epoch, everything, save, remove);
        _everything |= outcome == StoreOutcome.Away;              // what is there when it returns, nobody knows
        return outcome;                                           // where another worker has the tenant, its calls tell
    }

    [LoggerMessage(LogLevel.Error, "Subscriptions of tenant {TenantId} could not be written")]
    private partial void LogFault(string tenantId, Exception exception);
}
