using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;

namespace CloudPbx.Api.Refresh;

/// <summary>What the API asks of a tenant's runtime. A worker that is away is a result.</summary>
internal interface ITenantDoor
{
    /// <summary>Tells the runtime of a new configuration; false where it could not be told.</summary>
    Task<bool> TryRefreshAsync(TenantId tenant, long version, CancellationToken cancel);

    /// <summary>Lists the live calls; null where the runtime cannot be asked.</summary>
    Task<IReadOnlyList<LiveCall>?> CallsAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Watches the tenant, or goes on watching.</summary>
    /// <param name="tenant">Which.</param>
    /// <param name="epoch">The activation that was heard last; 0: none.</param>
    /// <param name="sequence">What was heard last.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>What is to be known; null where the runtime cannot be asked.</returns>
    Task<LiveAnswer?> WatchAsync(TenantId tenant, long epoch, long sequence, CancellationToken cancel);

    /// <summary>Ends a live call; false where there is none of that id, null where the runtime cannot be asked.</summary>
    Task<bool?> HangUpAsync(TenantId tenant, CallId call, CancellationToken cancel);

    /// <summary>Puts another party into the place of one in a call; null where the runtime cannot be asked.</summary>
    Task<TransferAnswer?> TransferAsync(TenantId tenant, CallId call, CallParty? leaving, string number, CancellationToken cancel);

    /// <summary>Makes a call for an extension; null where the runtime cannot be asked.</summary>
    Task<OriginateAnswer?> OriginateAsync(TenantId tenant, OriginateOrder order, CancellationToken cancel);

    /// <summary>Holds, mutes or records in a live call, or ends that; null where the runtime cannot be asked.</summary>
    Task<CallActionAnswer?> ActAsync(TenantId tenant, CallId call, CallAction action, CallParty? party, CancellationToken cancel);

    /// <summary>Lets somebody hear a live call; null where the runtime cannot be asked.</summary>
    Task<OriginateAnswer?> SuperviseAsync(TenantId tenant, SuperviseOrder order, CancellationToken cancel);

    /// <summary>Changes how a live call is supervised, or with no mode ends it; null where the runtime cannot be asked.</summary>
    Task<CallActionAnswer?> ChangeSupervisionAsync(TenantId tenant, CallId call, CallId supervision, SupervisionMode? mode, CancellationToken cancel);

    /// <summary>Says what a call would do; no answer where there is no such trunk, null where the runtime cannot be asked.</summary>
    Task<DryRunAnswer?> TryRouteAsync(TenantId tenant, string from, string to, string? trunk, CancellationToken cancel);

    /// <summary>Tries a trunk against its carrier; no answer where there is no such trunk, null where the runtime cannot be asked.</summary>
    Task<TrunkCheck?> CheckTrunkAsync(TenantId tenant, string trunk, string? number, CancellationToken cancel);

    /// <summary>Says how the trunks stand now, by name; null where the runtime cannot be asked.</summary>
    Task<IReadOnlyList<TrunkStatus>?> TrunksAsync(TenantId tenant, CancellationToken cancel);
}
