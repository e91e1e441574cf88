namespace CloudPbx.State.SharedTrunks;

/// <summary>How shared trunks are used over all workers. Each worker tells what it knows, for as long as it lives: what a dead one told is gone a few seconds later, and its channels with it.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SharedTrunkStore(RedisConnection redis, TimeProvider time)
{
    private readonly AnnouncementStore<SharedTrunkReport> _announcements = new(redis, time, "shared-trunks", StateJson.Default.SharedTrunkReport);

    /// <summary>Says what a worker knows. Repeat it about three times in <paramref name="life"/>.</summary>
    /// <param name="report">Its report, which replaces the last one.</param>
    /// <param name="life">How long it counts without being said again.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> TellAsync(SharedTrunkReport report, TimeSpan life, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(report);
        return _announcements.AnnounceAsync(report.WorkerId, report, life, cancel);
    }

    /// <summary>Takes a worker's report back.</summary>
    /// <param name="worker">Its WorkerId.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> WithdrawAsync(string worker, CancellationToken cancel) => _announcements.WithdrawAsync(worker, cancel);

    /// <summary>Lists what the live workers told.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The reports, or <see langword="null"/> where Redis is away.</returns>
    public Task<IReadOnlyList<SharedTrunkReport>?> ListAsync(CancellationToken cancel) => _announcements.ListAsync(cancel);
}
