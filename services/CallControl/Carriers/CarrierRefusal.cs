namespace CloudPbx.CallControl.Carriers;

/// <summary>Why a carrier did not take a call.</summary>
/// <param name="Status">Its final status; 0 where it said nothing.</param>
/// <param name="Words">Its own words, fit to be kept, or ours where there was no way to it.</param>
internal sealed record CarrierRefusal(int Status, string Words)
{
    /// <summary>
    /// Whether it is the trunk's: whatever neither the callee said nor we ended ourselves (487). A carrier that refuses what we offer (488), how we write (400) or sends us elsewhere (3xx) does so with every call;
    /// where it was a callee after all, the next call that is taken says so.
    /// </summary>
    public bool IsOfTrunk => !IsOfCallee && Status != 487;

    /// <summary>Whether the callee, or who knows of it, spoke: the carrier passed the call on.</summary>
    public bool IsOfCallee => Status is 404 or 410 or 433 or 480 or 484 or 485 or 486 or >= 600;       // 433: it takes no anonymous calls (RFC 5079)
}
