using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Facts;

/// <summary>Writes facts as everything else is written; for providers without a quicker way.</summary>
internal sealed class TrackedFactWriter(IPbxDatabase database) : IFactWriter
{
    public async Task<SaveOutcome> WriteAsync(FactBatch batch, CancellationToken cancel)
    {
        PbxDbContext db = database.OpenTenant(batch.TenantId);
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                db.ChangeTracker.AutoDetectChangesEnabled = false;
                db.Database.AutoSavepointsEnabled = false;       // nothing is tried twice in it
                if (await db.NextSequenceAsync(batch.Count, cancel).ConfigureAwait(false) is not { } first)      // first: it makes other writers wait, who may be about to write the same
                    return SaveOutcome.MissingReference;
                db.CallRecords.AddRange(batch.RecordsFrom(first));
                db.CallLadders.AddRange(batch.Ladders);
                db.Recordings.AddRange(batch.RecordingsFrom(first));
                db.AwaitedRecordings.AddRange(batch.Awaited);
                await db.AppendEventsAsync(batch.Events, first + batch.Calls.Count, cancel).ConfigureAwait(false);
                SaveOutcome outcome = await db.TrySaveAsync(cancel).ConfigureAwait(false);
                if (outcome == SaveOutcome.Saved)
                    await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return outcome;                                                         // otherwise the numbers go back with the transaction
            }
        }
    }
}
