using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using WorkerAddress = CloudPbx.Sip.Proxying.WorkerAddress;

namespace CloudPbx.Edge;

/// <summary>What an edge learns from outside: the shared key, the directory, the live workers, the bans.</summary>
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
}
