using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Recordings;

/// <summary>Deletes recordings that are older than their tenant, or the platform, keeps them.</summary>
internal sealed partial class RecordingRetention(TenantLookup tenants, PlatformSettingsStore platform, IPbxDatabase database, IBlobStore blobs, TimeProvider time, ILogger<RecordingRetention> logger) : BackgroundService
{
    private const int AtOnce = 200;
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>Deletes once.</summary>
    /// <param name="cancel">Stops it.</param>
    internal async Task DropAsync(CancellationToken cancel)
    {
        foreach ((TenantId tenant, int days) in await tenants.FindRecordingDaysAsync((await platform.GetAsync(cancel)).MostRecordingDays, cancel))
        {
            DateTime before = time.GetUtcNow().UtcDateTime.AddDays(-days);
            await using PbxDbContext db = database.OpenTenant(tenant);
            while (await db.Recordings.Where(r => r.StartedAt < before).OrderBy(r => r.Sequence).Select(r => r.Id).Take(AtOnce).ToListAsync(cancel) is { Count: > 0 } old)
            {
                // The keys first: from here on nobody can play them, whatever becomes of the objects.
                await db.Recordings.Where(r => old.Contains(r.Id)).ExecuteDeleteAsync(cancel);
                foreach (RecordingId recording in old)
                    await DropObjectAsync(tenant, recording, cancel);
                LogDropped(old.Count, tenant, days);
            }
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
                    await DropAsync(stoppingToken);
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

    private async Task DropObjectAsync(TenantId tenant, RecordingId recording, CancellationToken cancel)
    {
        try
        {
            await blobs.DeleteAsync(BlobPath.Recording(tenant, recording), cancel);
        }
        catch (IOException fault)
        {
            LogObjectLeft(recording, tenant, fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Count} recordings of tenant {TenantId}, which keeps them for {Days} days")]
    private partial void LogDropped(int count, TenantId tenantId, int days);

    [LoggerMessage(LogLevel.Warning, "The audio of recording {RecordingId} of tenant {TenantId} is left in the object store: {Reason}. Its key is destroyed, nobody can play it.")]
    private partial void LogObjectLeft(RecordingId recordingId, TenantId tenantId, string reason);

    [LoggerMessage(LogLevel.Warning, "Old recordings are deleted later: {Fault}")]
    private partial void LogLater(string fault);
}
