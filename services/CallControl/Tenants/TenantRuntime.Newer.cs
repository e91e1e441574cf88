using CloudPbx.CallControl.Calls;
using CloudPbx.Data.Tenants;
using CloudPbx.Net.Timers;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// A phone whose extension was made a moment ago comes before the word of it where Api could not reach this worker at once: before it is refused, the worker looks whether
/// its configuration is the newest. Once a second at most for each tenant, however many guess, and it reads one number unless there is something new.
/// </summary>
internal sealed partial class TenantRuntime
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lookPatience = TimeSpan.FromMilliseconds(500);      // a phone waits for its answer, and a database that hangs is no reason to send none

    private Task<bool>? _look;
    private long _lookedAt;

    /// <summary>Looks for a newer configuration, or waits for the look that is under way.</summary>
    /// <returns>Whether there is another one now.</returns>
    internal async Task<bool> LookForNewerAsync()
    {
        if (_look is not { IsCompleted: false })
        {
            if (_look is not null && _worker.Time.GetElapsedTime(_lookedAt) < s_lookAgain)
                return false;
            _lookedAt = _worker.Time.GetTimestamp();
            _look = LookAsync();
        }
        Task<bool> look = _look;
        Task patience = DelayAsync(s_lookPatience, out TimerHandle timer);
        bool inTime = ReferenceEquals(await Scheduler.FirstOf([look, patience]), look);
        timer.Cancel();
        return inTime && await look;
    }

    private async Task<bool> LookAsync()
    {
        try
        {
            if (await _worker.Newer(Tenant, Configuration.Version) is not { } newer || _left || newer.Version <= Configuration.Version)
                return false;
            Take(newer);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(e);
            return false;
        }
    }

    // S1: who is stopped because its phones call premium numbers must not talk on with them.
    private void EndIfSuspended()
    {
        if (Configuration.IsSuspended)
            Calls.EndAllButHelp(ReleaseCause.Suspended);
    }

    private void Take(TenantConfiguration configuration)
    {
        if (configuration.Version < Configuration.Version)
            return;
        Configuration = configuration;
        Volatile.Write(ref _version, configuration.Version);
        Registrar.Prune(configuration);
        Trunks.Apply(configuration);
        EndIfSuspended();
        Lamps.Prune(configuration);
        Live.Reset();
        LogReplaced(Tenant.ToString(), configuration.Version);
    }
}
