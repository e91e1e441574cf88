using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Facts;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.CallRecords;

/// <summary>Stores records of ended calls, each exactly once. A transaction costs more than what it writes: what comes for a tenant while one is under way, and shortly after, is the next one.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
public sealed class CallRecordWriter(IFactWriter facts, TimeProvider time)
{
    private const int LargestBatch = 200;                         // rows of one transaction: other writers of the tenant wait for it

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
            SaveOutcome outcome = await facts.WriteAsync(new FactBatch { TenantId = tenant, Calls = part, AwaitsRecordings = false }, cancel).ConfigureAwait(false);
            if (outcome != SaveOutcome.Saved)
                throw new InvalidOperationException($"The calls were not stored: {outcome}.");
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
        return await facts.WriteAsync(
            new FactBatch { TenantId = tenant, Calls = [.. batch.Select(waiting => waiting.Fact)], Events = [.. batch.SelectMany(waiting => CallEvents.All(waiting.Fact))] }, CancellationToken.None).ConfigureAwait(false);
    }

    private sealed class Waiting(CallEnded fact)
    {
        public CallEnded Fact => fact;

        public TaskCompletionSource<SaveOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
