using Microsoft.Extensions.Logging;

namespace CloudPbx.State.Workers;

/// <summary>The live workers, as they announce themselves.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class WorkerStore(RedisConnection redis, TimeProvider time, ILogger<WorkerStore> logger)
{
    private readonly AnnouncementStore<WorkerAddress> _announcements = new(redis, time, "workers", StateJson.Default.WorkerAddress);

    /// <summary>Says that a worker lives. Repeat it about three times in <paramref name="life"/>.</summary>
    /// <param name="address">Which, and where.</param>
    /// <param name="life">How long it counts as alive without being announced again.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> AnnounceAsync(WorkerAddress address, TimeSpan life, CancellationToken cancel) =>
        _announcements.AnnounceAsync(address.WorkerId, address, life, cancel);

    /// <summary>Says that a worker leaves.</summary>
    /// <param name="name">Its WorkerId.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> WithdrawAsync(string name, CancellationToken cancel) => _announcements.WithdrawAsync(name, cancel);

    /// <summary>Lists the live ones.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The live ones, or <see langword="null"/> where Redis is away.</returns>
    public Task<IReadOnlyList<WorkerAddress>?> ListAsync(CancellationToken cancel) => _announcements.ListAsync(cancel);

    /// <summary>Hands over the live ones now, and again whenever one comes, moves, leaves or dies.</summary>
    /// <param name="changed">Called with the whole list, one call at a time, on a pool thread: post it to whoever owns the state.</param>
    /// <param name="cancel">Gives up the subscribing, not the subscription.</param>
    /// <returns>Disposing it ends the subscription.</returns>
    public Task<IAsyncDisposable> SubscribeAsync(Action<IReadOnlyList<WorkerAddress>> changed, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(_announcements.Subscribe(changed, LogFault));
    }

    [LoggerMessage(LogLevel.Error, "A subscriber of the workers failed")]
    private partial void LogFault(Exception fault);
}
