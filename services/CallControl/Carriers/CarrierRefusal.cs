namespace CloudPbx.CallControl.Carriers;

/// <summary>Why a carrier did not take a call.</summary>
/// <param name="Status">Its final status; 0 where it said nothing.</param>
/// <param name="Words">Its own words, fit to be kept, or ours where there was no way to it.</param>
internal sealed record CarrierRefusal(int Status, string Words)
{
    /// <summary>Whether it speaks of the carrier, or of what the carrier thinks of us, and not of the callee (I29): who calls another number would hear the same.</summary>
    public bool IsOfTrunk => Status is 0 or 401 or 402 or 403 or 407 or 408 or 420 or 421 or (>= 500 and < 600);

    /// <summary>Whether the callee, or who knows of it, spoke: the carrier passed the call on.</summary>
    public bool IsOfCallee => Status is 404 or 410 or 480 or 484 or 486 or >= 600;
}
