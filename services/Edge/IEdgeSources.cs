using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using WorkerAddress = CloudPbx.Sip.Proxying.WorkerAddress;

namespace CloudPbx.Edge;

/// <summary>What an edge learns from outside, the shared key, the directory, the live workers, the bans, and what it tells of itself.</summary>
internal interface IEdgeSources
{
    /// <summary>The edges' shared secret.</summary>
    /// <returns>Null while the store is away.</returns>
    Task<byte[]?> LoadKeyAsync(CancellationToken cancel);

    /// <summary>Hands over the directory as soon as there is one, and whenever it changes.</summary>
    Task<IAsyncDisposable> SubscribeDirectoryAsync(Action<DirectorySnapshot> changed, CancellationToken cancel);

    /// <summary>Hands over the live workers, and whenever they change.</summary>
    Task<IAsyncDisposable> SubscribeWorkersAsync(Action<IReadOnlyCollection<WorkerAddress>> changed, CancellationToken cancel);

    /// <summary>Keeps the table of bans up to date until disposed; while the store is away the table stays as it is.</summary>
    IAsyncDisposable KeepBans(BanTable table);

    /// <summary>Says that the edge lives, for operators to see.</summary>
    Task AnnounceAsync(EdgeAddress edge, TimeSpan life, CancellationToken cancel);

    /// <summary>Says that it leaves.</summary>
    Task WithdrawAsync(string edge, CancellationToken cancel);

    /// <summary>Whether the operator wants the edge to be drained.</summary>
    /// <returns>Null while the store is away.</returns>
    Task<bool?> IsDrainWishedAsync(string edge, CancellationToken cancel);
}
