using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Recordings;

/// <summary>Recordings whose audio is on its way to the object store.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class RecordingArrivals(IPbxDatabase database)
{
    /// <summary>Lists those that are awaited, of all tenants, the newest first.</summary>
    /// <param name="since">Those that began before are given up.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<AwaitedRecording>> ListAsync(DateTime since, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.AwaitedRecordings.AsNoTracking().Where(r => r.Since >= since).OrderByDescending(r => r.Since).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Forgets those that never came.</summary>
    /// <param name="before">Began before this instant.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task ForgetAsync(DateTime before, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            await db.AwaitedRecordings.Where(r => r.Since < before).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Whether the media node said no hash of what it wrote.</summary>
    /// <param name="awaited">The recording.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> LacksHashAsync(AwaitedRecording awaited, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(awaited);
        PbxDbContext db = database.OpenTenant(awaited.TenantId);
        await using (db.ConfigureAwait(false))
            return await db.Recordings.AnyAsync(r => r.Id == awaited.Id && r.Sha256 == null, cancel).ConfigureAwait(false);
    }

    /// <summary>Writes <c>recording.ready</c>, once, whoever else found the audio too.</summary>
    /// <param name="awaited">The recording.</param>
    /// <param name="stored">What lies there, where the recording lacks its hash; else null.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether this call wrote it.</returns>
    public async Task<bool> CameAsync(AwaitedRecording awaited, StoredAudio? stored, DateTime now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(awaited);
        PbxDbContext db = database.OpenTenant(awaited.TenantId);
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                bool first = await db.AwaitedRecordings.Where(r => r.Id == awaited.Id).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
                if (first && stored is not null)
                    await CompleteAsync(db, awaited, stored, cancel).ConfigureAwait(false);
                Recording? recording = await db.Recordings.AsNoTracking().SingleOrDefaultAsync(r => r.Id == awaited.Id, cancel).ConfigureAwait(false);
                if (first && recording is not null)
                {
                    await db.AppendEventsAsync([Ready(recording, now)], cancel).ConfigureAwait(false);
                    await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                }
                await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return first && recording is not null;
            }
        }
    }

    private static Task<int> CompleteAsync(PbxDbContext db, AwaitedRecording awaited, StoredAudio stored, CancellationToken cancel)
    {
        IQueryable<Recording> lacking = db.Recordings.Where(r => r.Id == awaited.Id && r.Sha256 == null);
        return stored.DurationMilliseconds is { } duration
            ? lacking.ExecuteUpdateAsync(set => set.SetProperty(r => r.Sha256, stored.Sha256).SetProperty(r => r.Length, stored.Length).SetProperty(r => r.DurationMilliseconds, duration), cancel)
            : lacking.ExecuteUpdateAsync(set => set.SetProperty(r => r.Sha256, stored.Sha256).SetProperty(r => r.Length, stored.Length), cancel);
    }

    private static TenantEvent Ready(Recording recording, DateTime now) => new()
    {
        TenantId = recording.TenantId,
        Id = CallEvents.IdOf($"{recording.Id}", EventTypes.RecordingReady),
        Type = EventTypes.RecordingReady,
        At = now,
        Subject = $"{recording.CallId}",
        Data = JsonSerializer.Serialize(
            new { RecordingId = recording.Id, recording.CallId, Caller = recording.CallerNumber, Called = recording.CalledNumber, recording.Direction, recording.StartedAt, recording.DurationMilliseconds, Partial = recording.IsPartial },
            JsonSerializerOptions.Web),
    };
}
