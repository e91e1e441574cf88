using System.Data.Common;
using CloudPbx.Contracts.Api;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Platform;

/// <summary>The platform's settings. They are read where they act, so that a change acts at once on every instance.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class PlatformSettingsStore(IPbxDatabase database, IDatabaseFaults faults)
{
    /// <summary>The settings; as they are by themselves where nobody has changed them.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<PlatformSettings> GetAsync(CancellationToken cancel) => (await FindAsync(cancel).ConfigureAwait(false)).Settings;

    /// <summary>The row; one with an empty version where there is none.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalSettings> FindAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSettings.AsNoTracking().SingleOrDefaultAsync(cancel).ConfigureAwait(false) ?? new GlobalSettings { Settings = new PlatformSettings() };
    }

    /// <summary>Writes over the row that <see cref="FindAsync"/> gave, which becomes the one that is stored.</summary>
    /// <param name="row">The row with its settings as they are to be.</param>
    /// <param name="cancel">Stops the saving.</param>
    /// <returns><see cref="SaveOutcome.Conflict"/> where somebody else wrote meanwhile.</returns>
    public async Task<SaveOutcome> SaveAsync(GlobalSettings row, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(row);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            Guid present = row.Version;
            row.Version = Guid.CreateVersion7();
            if (present == Guid.Empty)
                db.GlobalSettings.Add(row);
            else
                db.GlobalSettings.Update(row).Property(s => s.Version).OriginalValue = present;
            try
            {
                await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                return SaveOutcome.Saved;
            }
            catch (DbUpdateConcurrencyException)
            {
                return SaveOutcome.Conflict;
            }
            catch (DbUpdateException update) when (update.InnerException is DbException fault && faults.IsDuplicate(fault))
            {
                return SaveOutcome.Conflict;                      // two who were the first
            }
        }
    }
}
