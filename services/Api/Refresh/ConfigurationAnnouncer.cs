using CloudPbx.Api.Directory;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Tenants;

namespace CloudPbx.Api.Refresh;

/// <summary>What follows every committed change: edges get a new directory, the tenant's runtime hears of the new version. Neither can fail the request any more.</summary>
internal sealed class ConfigurationAnnouncer(DirectoryPublisher directory, RefreshDispatcher refresh, TenantSnapshotStore snapshots, TimeProvider time)
{
    /// <summary>Something that edges find tenants by may have changed: a domain, a number, a user name, a carrier's address.</summary>
    public Task ChangedAsync(TenantId tenant, long version) =>
        // Beside each other: neither waits for what the other one does. Not the request's cancellation: the change is committed whether the client waits or not.
        Task.WhenAll(directory.RebuildAsync(CancellationToken.None), refresh.TellAsync(tenant, version, CancellationToken.None));

    /// <summary>
    /// Extensions, phones or emergency numbers changed. Edges find by their names whose phone it is that names no domain of ours, and know which calls no ban stops; that they hear a moment later, and nobody waits for it: the
    /// directory is of all tenants together, and to make it takes longer than the change itself.
    /// </summary>
    public Task UsersChangedAsync(TenantId tenant, long version)
    {
        directory.RebuildSoon();
        return refresh.TellAsync(tenant, version, CancellationToken.None);
    }

    /// <summary>Something changed that concerns the tenant's calls alone: the edges' directory, which is of all tenants together, stays as it is.</summary>
    public Task CallsChangedAsync(TenantId tenant, long version) => refresh.TellAsync(tenant, version, CancellationToken.None);

    public async Task DeletedAsync(TenantId tenant)
    {
        await directory.RebuildAsync(CancellationToken.None);
        await refresh.TellDeletedAsync(tenant, CancellationToken.None);
        await snapshots.ForgetAsync(tenant, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), CancellationToken.None);       // last: the runtime writes until it has heard of it
    }
}
