using System.Globalization;
using System.Text.Json;
using CloudPbx.Api.Limits;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Plans;

/// <summary>Looks whether the recordings of tenants take more room than their plans allow, and tells their runtimes: no further recording begins until some are deleted. Nothing is deleted for that.</summary>
internal sealed partial class StorageWatch(
    TenantLookup tenants, IPbxDatabase database, EventLogWriter log, LimitMailer limits, ConfigurationAnnouncer announcer, TimeProvider time, ILogger<StorageWatch> logger) : BackgroundService
{
    private const string Rule = "limit-storage";
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <param name="cancel">Stops it.</param>
    internal async Task LookAsync(CancellationToken cancel)
    {
        foreach (TenantId id in await tenants.FindStorageLimitsAsync(cancel))
            await LookAsync(id, cancel);
    }

    /// <inheritdoc/>
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

    private async Task LookAsync(TenantId id, CancellationToken cancel)
    {
        await using PbxDbContext db = database.OpenTenant(id);
        // Read first and without a lock: nearly always nothing has changed.
        long octets = await StorageUse.OctetsAsync(db, cancel);
        if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } seen || StorageUse.IsFull(seen, octets) == seen.StorageFull)
            return;
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return;
        Tenant tenant = await db.Tenants.SingleAsync(cancel);
        bool isFull = StorageUse.IsFull(tenant, octets);
        if (isFull == tenant.StorageFull)
            return;                                               // another instance was quicker
        tenant.StorageFull = isFull;
        DateTime now = time.GetUtcNow().UtcDateTime;
        if (await change.TrySaveAsync(isFull ? "storage full" : "storage has room again", now, cancel) != SaveOutcome.Saved)
            return;
        await announcer.CallsChangedAsync(id, change.Version);
        LogChanged(id, isFull, StorageUse.Megabytes(octets));
        if (isFull)
            await TellAsync(id, tenant.MaxStorageMegabytes, now, cancel);
    }

    private async Task TellAsync(TenantId id, int? most, DateTime now, CancellationToken cancel)
    {
        string value = string.Create(CultureInfo.InvariantCulture, $"{most} MiB");
        TenantEvent happened = new()
        {
            TenantId = id, Id = Guid.CreateVersion7(), Type = EventTypes.LimitReached, At = now, Subject = Rule,
            Data = JsonSerializer.Serialize(new { limit = Rule, value, extension = "", action = "storage" }, JsonSerializerOptions.Web),
        };
        await log.AppendAsync([happened], cancel);
        limits.Happened([happened]);
    }

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId}: recordings and own sounds take {Megabytes} MiB; its storage is full: {IsFull}")]
    private partial void LogChanged(TenantId tenantId, bool isFull, long megabytes);

    [LoggerMessage(LogLevel.Warning, "The tenants' storage is looked at later: {Fault}")]
    private partial void LogLater(string fault);
}
