namespace CloudPbx.State.Edges;

/// <summary>The live edges, as they announce themselves.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class EdgeStore(RedisConnection redis, TimeProvider time)
{
    private readonly AnnouncementStore<EdgeAddress> _announcements = new(redis, time, "edges", StateJson.Default.EdgeAddress);

    /// <summary>Says that an edge lives. Repeat it about three times in <paramref name="life"/>.</summary>
    /// <param name="address">Which, and where.</param>
    /// <param name="life">How long it counts as alive without being announced again.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> AnnounceAsync(EdgeAddress address, TimeSpan life, CancellationToken cancel) =>
        _announcements.AnnounceAsync(address.EdgeId, address, life, cancel);

    /// <summary>Says that an edge leaves.</summary>
    /// <param name="name">Its EdgeId.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> WithdrawAsync(string name, CancellationToken cancel) => _announcements.WithdrawAsync(name, cancel);

    /// <summary>Lists the live ones.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The live ones, or <see langword="null"/> where Redis is away.</returns>
    public Task<IReadOnlyList<EdgeAddress>?> ListAsync(CancellationToken cancel) => _announcements.ListAsync(cancel);
}
