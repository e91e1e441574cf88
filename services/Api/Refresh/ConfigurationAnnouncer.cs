using CloudPbx.Api.Directory;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Tenants;

namespace CloudPbx.Api.Refresh;

/// <summary>What follows every committed change: edges get a new directory, the tenant's runtime hears of the new version. Neither can fail the request any more.</summary>
internal sealed class ConfigurationAnnouncer(DirectoryPublisher directory, RefreshDispatcher refresh, TenantSnapshotStore snapshots, TimeProvider time)
{
    public async Task ChangedAsync(TenantId tenant, long version)
    {
        // Not the request's cancellation: the change is committed whether the client waits or not.
        await directory.RebuildAsync(CancellationToken.None);
        await refresh.TellAsync(tenant, version, CancellationToken.None);
    }

    public async Task DeletedAsync(TenantId tenant)
    {
        await directory.RebuildAsync(CancellationToken.None);
        await refresh.TellDeletedAsync(tenant, CancellationToken.None);
        await snapshots.ForgetAsync(tenant, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), CancellationToken.None);       // last: the runtime writes until it has heard of it
    }
}
