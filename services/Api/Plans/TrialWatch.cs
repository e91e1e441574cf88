using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Plans;

/// <summary>Suspends tenants whose trial has ended, until somebody resumes them with another plan.</summary>
internal sealed partial class TrialWatch(TenantLookup tenants, IPbxDatabase database, ConfigurationAnnouncer announcer, TimeProvider time, ILogger<TrialWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    /// <summary>Looks once.</summary>
    /// <param name="cancel">Stops it.</param>
    internal async Task LookAsync(CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        foreach (TenantId id in await tenants.FindEndedTrialsAsync(now, cancel))
        {
            await using PbxDbContext db = database.OpenTenant(id);
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
            if (change is null || await db.Tenants.SingleAsync(cancel) is not { SuspendedAt: null } tenant || !(tenant.TrialEndsAt <= now))
                continue;
            tenant.SuspendedAt = now;
            tenant.SuspensionReason = "The trial has ended.";
            if (await change.TrySaveAsync("trial ended", now, cancel) == SaveOutcome.Saved)
                await announcer.CallsChangedAsync(id, change.Version);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogLater(fault.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    [LoggerMessage(LogLevel.Warning, "Ended trials are looked at later: {Fault}")]
    private partial void LogLater(string fault);
}
