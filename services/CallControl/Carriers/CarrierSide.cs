using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Authentication;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What makes a call's leg one towards a carrier.</summary>
/// <param name="Trunk">The trunk, as it was when the leg began.</param>
/// <param name="Account">The account that the leg uses; null for an IP trunk without one, and for a caller that came by no line.</param>
/// <param name="CallerNumber">The number that is shown, in the carrier's form: one of ours, unless <paramref name="ShowsCaller"/>; null for none, and for a caller from outside.</param>
/// <param name="Authentication">What answers the carrier's challenges to what we call; null where nothing does.</param>
/// <param name="ShowsCaller">Whether that is the number of a caller from outside whose call was sent on (<see cref="TrunkProfile.PassCaller"/>).</param>
internal sealed record CarrierSide(TrunkSettings Trunk, TrunkAccount? Account, string? CallerNumber, DigestClient? Authentication, bool ShowsCaller = false);
