using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.Nodes;
using CloudPbx.State.Workers;
using WorkerAddress = CloudPbx.Sip.Proxying.WorkerAddress;
using Workers = CloudPbx.State.Workers.WorkerAddress;

namespace CloudPbx.Edge;

/// <summary>The edge's sources in Redis.</summary>
internal sealed class StateSources(EdgeKeyStore keys, DirectoryStore directory, WorkerStore workers, BanStore bans, EdgeStore edges, DrainStore drains) : IEdgeSources
{
    public Task<byte[]?> LoadKeyAsync(CancellationToken cancel) => keys.LoadOrCreateAsync(cancel);

    public Task<IAsyncDisposable> SubscribeDirectoryAsync(Action<DirectorySnapshot> changed, CancellationToken cancel) =>
        directory.SubscribeAsync(changed, cancel);

    public Task<IAsyncDisposable> SubscribeWorkersAsync(Action<IReadOnlyCollection<WorkerAddress>> changed, CancellationToken cancel) =>
        workers.SubscribeAsync(list => changed([.. Workers.OpenOf(list).Select(w => new WorkerAddress(w.Host, w.Port))]), cancel);

    public IAsyncDisposable KeepBans(BanTable table) => bans.Keep(table);

    public Task AnnounceAsync(EdgeAddress edge, TimeSpan life, CancellationToken cancel) => edges.AnnounceAsync(edge, life, cancel);

    public Task WithdrawAsync(string edge, CancellationToken cancel) => edges.WithdrawAsync(edge, cancel);

    public Task<bool?> IsDrainWishedAsync(string edge, CancellationToken cancel) => drains.IsWishedAsync(edge, cancel);
}
