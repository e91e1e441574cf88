using Microsoft.Extensions.Logging;

namespace CloudPbx.State.MediaNodes;

/// <summary>The live media nodes, as they announce themselves.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class MediaNodeStore(RedisConnection redis, TimeProvider time, ILogger<MediaNodeStore> logger)
{
    private readonly AnnouncementStore<MediaNodeAddress> _announcements = new(redis, time, "media-nodes", StateJson.Default.MediaNodeAddress);

    /// <summary>Says that a media node lives. Repeat it about three times in <paramref name="life"/>.</summary>
    /// <param name="address">Which, and where.</param>
    /// <param name="life">How long it counts as alive without being announced again.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> AnnounceAsync(MediaNodeAddress address, TimeSpan life, CancellationToken cancel) =>
        _announcements.AnnounceAsync(address.NodeId, address, life, cancel);

    /// <summary>Says that a media node leaves.</summary>
    /// <param name="name">Its NodeId.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> WithdrawAsync(string name, CancellationToken cancel) => _announcements.WithdrawAsync(name, cancel);

    /// <summary>Lists the live ones.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The live ones, or <see langword="null"/> where Redis is away.</returns>
    public Task<IReadOnlyList<MediaNodeAddress>?> ListAsync(CancellationToken cancel) => _announcements.ListAsync(cancel);

    /// <summary>Hands over the live ones now, and again whenever one comes, moves, leaves or dies.</summary>
    /// <param name="changed">Called with the whole list, one call at a time, on a pool thread: post it to whoever owns the state.</param>
    /// <param name="cancel">Gives up the subscribing, not the subscription.</param>
    /// <returns>Disposing it ends the subscription.</returns>
    public Task<IAsyncDisposable> SubscribeAsync(Action<IReadOnlyList<MediaNodeAddress>> changed, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(_announcements.Subscribe(changed, LogFault));
    }

    [LoggerMessage(LogLevel.Error, "A subscriber of the media nodes failed")]
    private partial void LogFault(Exception fault);
}
