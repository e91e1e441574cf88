using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.Workers;
using WorkerAddress = CloudPbx.Sip.Proxying.WorkerAddress;

namespace CloudPbx.Edge;

/// <summary>The edge's sources in Redis.</summary>
internal sealed class StateSources(EdgeKeyStore keys, DirectoryStore directory, WorkerStore workers, BanStore bans) : IEdgeSources
{
    public Task<byte[]?> LoadKeyAsync(CancellationToken cancel) => keys.LoadOrCreateAsync(cancel);

    public Task<IAsyncDisposable> SubscribeDirectoryAsync(Action<DirectorySnapshot> changed, CancellationToken cancel) =>
        directory.SubscribeAsync(changed, cancel);

    public Task<IAsyncDisposable> SubscribeWorkersAsync(Action<IReadOnlyCollection<WorkerAddress>> changed, CancellationToken cancel) =>
        workers.SubscribeAsync(list => changed([.. list.Select(w => new WorkerAddress(w.Host, w.Port))]), cancel);

    public IAsyncDisposable KeepBans(BanTable table) => bans.Keep(table);
}
