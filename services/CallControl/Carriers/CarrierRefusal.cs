using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Why a carrier did not take a call.</summary>
/// <param name="Status">Its final status; 0 where it said nothing.</param>
/// <param name="Words">Its own words, fit to be kept, or ours where there was no way to it.</param>
internal sealed record CarrierRefusal(int Status, string Words)
{
    /// <summary>Whether it is the trunk's, see <see cref="FailoverCauses.AreOfTrunk"/>.</summary>
    public bool IsOfTrunk => FailoverCauses.AreOfTrunk(Status);

    /// <summary>Whether the callee, or who knows of it, spoke: the carrier passed the call on.</summary>
    public bool IsOfCallee => Status is 404 or 410 or 480 or 484 or 486 or >= 600;
}
