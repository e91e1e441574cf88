using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains.Live;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>The one door into a tenant's runtime from outside the worker. Its key is the tenant's identifier, <see cref="TenantId.ToString()"/>.</summary>
/// <remarks>Never called for a SIP message, and never by the runtime itself.</remarks>
[Alias("CloudPbx.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>The version that says: the tenant was deleted.</summary>
    const long Deleted = long.MaxValue;

    /// <summary>Tells that the tenant's configuration changed. Repeating it does no harm; an older version than the one in use is ignored.</summary>
    /// <param name="version">The tenant's <c>config_version</c> after the change, or <see cref="Deleted"/>: its calls end and the runtime with them.</param>
    /// <returns>Completes when the runtime has that version; fails where it could not be read, to be told again.</returns>
    [Alias("Refresh")]
    Task RefreshAsync(long version);

    /// <summary>Says which worker owns the tenant, and where its SIP link listens.</summary>
    [Alias("Locate")]
    Task<LocateAnswer> LocateAsync();

    /// <summary>Lists the calls that are ringing or talking now.</summary>
    [Alias("Calls")]
    Task<IReadOnlyList<LiveCall>> CallsAsync();

    /// <summary>Begins to watch the tenant, or goes on: what changes is said on its live channel for <see cref="WatchLeaseSeconds"/> from now.</summary>
    /// <param name="epoch">The activation that the watcher has heard last; 0: none.</param>
    /// <param name="sequence">What it has heard last.</param>
    /// <returns>Everything as it stands; <see langword="null"/> where the watcher has heard all of it.</returns>
    [Alias("Watch")]
    Task<LiveChange?> WatchAsync(long epoch, long sequence);

    /// <summary>Seconds that a watcher is remembered.</summary>
    const int WatchLeaseSeconds = 60;

    /// <summary>Ends a call: BYE, CANCEL or 480 on each leg.</summary>
    /// <param name="call">The call.</param>
    /// <returns><see langword="false"/> where this tenant has no such call.</returns>
    [Alias("HangUp")]
    Task<bool> HangUpAsync(CallId call);

    /// <summary>Puts another party into the place of one in a call, as if that one had asked for it (RFC 5589 §6).</summary>
    /// <param name="call">The call.</param>
    /// <param name="leaving">Who makes place; <see langword="null"/>: the only one of the tenant's own.</param>
    /// <param name="number">Whom that one calls instead, by its rights and limits.</param>
    [Alias("Transfer")]
    Task<TransferAnswer> TransferAsync(CallId call, CallParty? leaving, string number);

    /// <summary>Makes a call for an extension: its phones ring, then the destination is called by its rights and limits.</summary>
    /// <param name="order">Who calls whom.</param>
    /// <returns>The call, or why it does not begin.</returns>
    [Alias("Originate")]
    Task<OriginateAnswer> OriginateAsync(OriginateOrder order);

    /// <summary>Holds, mutes or records in a live call, or ends that.</summary>
    /// <param name="call">The call.</param>
    /// <param name="action">What is to be so.</param>
    /// <param name="party">The party that holds or is muted; of no account for recordings.</param>
    [Alias("Act")]
    Task<CallActionAnswer> ActAsync(CallId call, CallAction action, CallParty? party);

    /// <summary>Lets somebody hear a call, and speak into it. The supervision is a call of its own and ends with the supervised one, or by <see cref="HangUpAsync"/>.</summary>
    /// <param name="order">Which call, who, and how.</param>
    /// <returns>The supervisor's call, or why it does not begin.</returns>
    [Alias("Supervise")]
    Task<OriginateAnswer> SuperviseAsync(SuperviseOrder order);

    /// <summary>Changes how a call is supervised.</summary>
    /// <param name="call">The supervised call.</param>
    /// <param name="supervision">The supervisor's call.</param>
    /// <param name="mode">Who hears the supervisor; <see langword="null"/>: it ends.</param>
    [Alias("ChangeSupervision")]
    Task<CallActionAnswer> ChangeSupervisionAsync(CallId call, CallId supervision, SupervisionMode? mode);

    /// <summary>Says what a call would do, and calls nobody.</summary>
    /// <param name="from">The calling extension, or the number of a caller from outside as the carrier writes it.</param>
    /// <param name="to">What is dialled, or the called number as the carrier writes it.</param>
    /// <param name="trunk">Name of the trunk that the call comes by; <see langword="null"/>: it comes from the extension.</param>
    /// <returns>The answer, or <see langword="null"/> where the tenant has no such trunk.</returns>
    [Alias("TryRoute")]
    Task<RouteAnswer?> TryRouteAsync(string from, string to, string? trunk);

    /// <summary>Says how the tenant's trunks stand: registrations of their lines and calls over them, by name.</summary>
    [Alias("Trunks")]
    Task<IReadOnlyList<TrunkStatus>> TrunksAsync();

    /// <summary>Tries a trunk against its carrier by what is safe on a live one; takes up to half a minute.</summary>
    /// <param name="trunk">Its name.</param>
    /// <param name="number">A number for a test call, in the carrier's form; <see langword="null"/>: none is made.</param>
    /// <returns>What was found, or <see langword="null"/> where the tenant has no such trunk.</returns>
    [Alias("CheckTrunk"), ResponseTimeout("00:00:45")]
    Task<TrunkCheckAnswer?> CheckTrunkAsync(string trunk, string? number);

    /// <summary>Activates the grain and with it the tenant's runtime; otherwise does nothing.</summary>
    [Alias("Wake")]
    Task WakeAsync();

    /// <summary>Asks the tenant to move from a worker to another one, with its calls: that worker is about to stop. Where there is no other, or the tenant is not there any more, nothing happens.</summary>
    /// <param name="worker">The worker that it is to leave, as <see cref="LocateAnswer.WorkerId"/> names it.</param>
    /// <returns>Completes when the move was asked for, not when it is done.</returns>
    [Alias("LeaveWorker")]
    Task LeaveAsync(string worker);
}
