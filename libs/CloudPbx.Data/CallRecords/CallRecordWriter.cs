using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Recordings;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.CallRecords;

/// <summary>Stores records of ended calls, each exactly once. A transaction costs more than what it writes: what comes for a tenant while one is under way, and shortly after, is the next one.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
public sealed class CallRecordWriter(IPbxDatabase database, TimeProvider time)
{
    private const int LargestBatch = 200;                         // rows of one transaction: other writers of the tenant wait for it

    private const int MostSteps = 60;                             // of one record

    private const int LargestPart = 2000;                         // rows of one transaction where nobody else writes

    // Nobody waits for a record; a busy tenant's gather, a quiet one's are stored at once.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();                          // held for list operations
    private readonly Dictionary<TenantId, Queue<Waiting>> _waiting = [];      // the tenants that somebody is storing for

    /// <summary>Stores the record of a call; does nothing where it is stored already.</summary>
    /// <param name="ended">The fact. Texts that are too long are cut, control characters dropped: strangers wrote them.</param>
    /// <param name="cancel">Stops the waiting; the record may be stored all the same.</param>
    /// <returns><see cref="SaveOutcome.Saved"/>; <see cref="SaveOutcome.Duplicate"/> where it was there already; <see cref="SaveOutcome.MissingReference"/> where the tenant was deleted.</returns>
    public Task<SaveOutcome> StoreAsync(CallEnded ended, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(ended);
        Waiting waiting = new(ended);
        bool first;
        lock (_gate)
        {
            first = !_waiting.TryGetValue(ended.TenantId, out Queue<Waiting>? queue);
            if (first)
                _waiting.Add(ended.TenantId, queue = new Queue<Waiting>());
            queue!.Enqueue(waiting);
        }
        if (first)
            _ = Task.Run(() => StoreForAsync(ended.TenantId), CancellationToken.None);
        return waiting.Outcome.Task.WaitAsync(cancel);
    }

    /// <summary>Stores calls of the past, which nobody hears of: no events, and their recordings lie in the object store already.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="calls">The calls in their order, none of them stored yet.</param>
    /// <param name="cancel">Stops it between two transactions.</param>
    public async Task StoreHistoryAsync(TenantId tenant, IReadOnlyList<CallEnded> calls, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(calls);
        foreach (CallEnded[] part in calls.Chunk(LargestPart))
        {
            PbxDbContext db = database.OpenTenant(tenant);
            await using (db.ConfigureAwait(false))
            {
                IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    db.ChangeTracker.AutoDetectChangesEnabled = false;
                    long sequence = await db.NextSequenceAsync(part.Length, cancel).ConfigureAwait(false) ?? throw new InvalidOperationException("There is no such tenant.");
                    foreach (CallEnded ended in part)
                    {
                        db.Recordings.AddRange(ended.Recordings.Select(recording => ToRecording(ended, recording, sequence)));
                        db.CallRecords.Add(ToRecord(ended, sequence++));
                    }
                    await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                    await transaction.CommitAsync(cancel).ConfigureAwait(false);
                }
            }
        }
    }

    // Never faults: whoever waits is told.
    private async Task StoreForAsync(TenantId tenant)
    {
        while (Take(tenant) is { Count: > 0 } batch)
        {
            await StoreAsync(tenant, batch).ConfigureAwait(false);
            await Task.Delay(s_pause, time).ConfigureAwait(false);
        }
    }

    private List<Waiting> Take(TenantId tenant)
    {
        lock (_gate)
        {
            Queue<Waiting> queue = _waiting[tenant];
            List<Waiting> batch = new(Math.Min(queue.Count, LargestBatch));
            while (batch.Count < LargestBatch && queue.TryDequeue(out Waiting? waiting))
                batch.Add(waiting);
            if (batch.Count == 0)
                _waiting.Remove(tenant);
            return batch;
        }
    }

    private async Task StoreAsync(TenantId tenant, List<Waiting> batch)
    {
        try
        {
            SaveOutcome outcome = await StoreTogetherAsync(tenant, batch).ConfigureAwait(false);
            if (outcome != SaveOutcome.Duplicate || batch.Count == 1)
            {
                foreach (Waiting waiting in batch)
                    waiting.Outcome.TrySetResult(outcome);
                return;
            }
        }
        catch (DbUpdateException) when (batch.Count > 1)
        {
            // One of them cannot be stored: it must not hold up the others.
        }
#pragma warning disable CA1031 // it is those who wait that must know
        catch (Exception fault)
        {
            foreach (Waiting waiting in batch)
                waiting.Outcome.TrySetException(fault);
            return;
        }
#pragma warning restore CA1031
        foreach (Waiting waiting in batch)                        // which of them is there already, or cannot be stored, they tell one by one
            await StoreAsync(tenant, [waiting]).ConfigureAwait(false);
    }

    private async Task<SaveOutcome> StoreTogetherAsync(TenantId tenant, List<Waiting> batch)
    {
        if (batch.DistinctBy(waiting => waiting.Fact.CallId).Count() < batch.Count)
            return SaveOutcome.Duplicate;
        PbxDbContext db = database.OpenTenant(tenant);
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                db.Database.AutoSavepointsEnabled = false;       // nothing is tried twice in it
                List<TenantEvent> events = [.. batch.SelectMany(waiting => CallEvents.All(waiting.Fact))];
                if (await db.NextSequenceAsync(batch.Count + events.Count, CancellationToken.None).ConfigureAwait(false) is not { } sequence)
                    return SaveOutcome.MissingReference;
                foreach (Waiting waiting in batch)
                {
                    db.Recordings.AddRange(waiting.Fact.Recordings.Select(recording => ToRecording(waiting.Fact, recording, sequence)));
                    db.AwaitedRecordings.AddRange(waiting.Fact.Recordings.Select(recording => new AwaitedRecording { TenantId = tenant, Id = recording.Id, Since = recording.StartedAt.ToUniversalTime() }));
                    db.CallRecords.Add(ToRecord(waiting.Fact, sequence++));
                }
                await db.AppendEventsAsync(events, sequence, CancellationToken.None).ConfigureAwait(false);
                SaveOutcome outcome = await db.TrySaveAsync(CancellationToken.None).ConfigureAwait(false);
                if (outcome == SaveOutcome.Saved)
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return outcome;                                                         // otherwise the numbers go back with the transaction
            }
        }
    }

    private sealed class Waiting(CallEnded fact)
    {
        public CallEnded Fact => fact;

        public TaskCompletionSource<SaveOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
        TrunkId = ended.TrunkId,
        TrunkName = Clean(ended.TrunkName, 64),
        TrunkNumber = Clean(ended.TrunkNumber, 64),
        TrunkStatus = ended.TrunkStatus,
        CostMicroUnits = ended.CostMicroUnits,
        Disposition = ended.Disposition,
        StartedAt = ended.StartedAt.ToUniversalTime(),
        AnsweredAt = ended.AnsweredAt?.ToUniversalTime(),
        EndedAt = ended.EndedAt.ToUniversalTime(),
        TalkMilliseconds = ended.AnsweredAt is { } answered ? Math.Max(0, (long)(ended.EndedAt - answered).TotalMilliseconds) : 0,
        SipStatus = ended.SipStatus,
        Reason = Clean(ended.Reason, 256),
        Q850Cause = ended.Q850Cause,
        ReleasedBy = ended.ReleasedBy,
        Steps = [.. ended.Steps.Take(MostSteps).Select(step => new DecisionStep(Clean(step.Rule, 64) ?? "", Clean(step.Value, 256) ?? ""))],
        Media = ended.Media,
    };

    private static Recording ToRecording(CallEnded ended, CallRecording recording, long sequence) => new()
    {
        TenantId = ended.TenantId,
        Id = recording.Id,
        CallId = ended.CallId,
        Sequence = sequence,
        StartedAt = recording.StartedAt.ToUniversalTime(),
        DurationMilliseconds = recording.DurationMilliseconds,
        CallerNumber = Clean(ended.CallerNumber, 64) ?? "",
        CalledNumber = Clean(ended.CalledNumber, 64) ?? "",
        Direction = ended.Direction,
        IsPartial = recording.IsPartial,
        Gaps = recording.Gaps,
        ConcealedMilliseconds = recording.ConcealedMilliseconds,
        Length = recording.Length,
        Sha256 = recording.Sha256,
        Notes = recording.Notes,
        SealedKey = recording.SealedKey,
    };

    private static string? Clean(string? text, int length) => StoredText.Clean(text, length);
}
