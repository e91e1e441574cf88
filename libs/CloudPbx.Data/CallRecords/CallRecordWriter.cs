using CloudPbx.Contracts.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.CallRecords;

/// <summary>Stores records of ended calls, each exactly once.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
public sealed class CallRecordWriter(IPbxDatabase database)
{
    /// <summary>Stores the record of a call; does nothing where it is stored already.</summary>
    /// <param name="ended">The fact. Texts that are too long are cut, control characters dropped: strangers wrote them.</param>
    /// <param name="cancel">Stops the storing.</param>
    /// <returns><see cref="SaveOutcome.Saved"/>; <see cref="SaveOutcome.Duplicate"/> where it was there already; <see cref="SaveOutcome.MissingReference"/> where the tenant was deleted.</returns>
    public async Task<SaveOutcome> StoreAsync(CallEnded ended, CancellationToken cancel)
    {
        PbxDbContext db = database.OpenTenant(ended.TenantId);
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                if (!await db.Tenants.AnyAsync(cancel).ConfigureAwait(false))
                    return SaveOutcome.MissingReference;
                db.CallRecords.Add(ToRecord(ended, await db.NextSequenceAsync(cancel).ConfigureAwait(false)));
                SaveOutcome outcome = await db.TrySaveAsync(cancel).ConfigureAwait(false);
                if (outcome == SaveOutcome.Saved)
                    await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return outcome;                                                         // otherwise the number goes back with the transaction
            }
        }
    }

    private static CallRecord ToRecord(CallEnded ended, long sequence) => new()
    {
        TenantId = ended.TenantId,
        Id = ended.CallId,
        Sequence = sequence,
        CallerNumber = Clean(ended.CallerNumber, 64) ?? "",
        CallerName = Clean(ended.CallerName, 128),
        CalledNumber = Clean(ended.CalledNumber, 64) ?? "",
        AnsweredBy = Clean(ended.AnsweredBy, 64),
        Direction = ended.Direction,
        Disposition = ended.Disposition,
        StartedAt = ended.StartedAt.ToUniversalTime(),
        AnsweredAt = ended.AnsweredAt?.ToUniversalTime(),
        EndedAt = ended.EndedAt.ToUniversalTime(),
        TalkMilliseconds = ended.AnsweredAt is { } answered ? Math.Max(0, (long)(ended.EndedAt - answered).TotalMilliseconds) : 0,
        SipStatus = ended.SipStatus,
        Reason = Clean(ended.Reason, 256),
        Q850Cause = ended.Q850Cause,
        ReleasedBy = ended.ReleasedBy,
        Media = ended.Media,
    };

    // PostgreSQL refuses NUL in a text, and a lone surrogate half; a page shows neither.
    private static string? Clean(string? text, int length)
    {
        if (text is null)
            return null;
        string clean = string.Concat(text.EnumerateRunes().Where(r => !System.Text.Rune.IsControl(r)).Select(r => r.ToString()));
        if (clean.Length > length)
            clean = clean[..(char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length)];
        return clean;
    }
}
