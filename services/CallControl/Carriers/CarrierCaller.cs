using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>A call from a carrier: by which trunk it came, and by which of its lines.</summary>
/// <param name="Side">The trunk and the account.</param>
/// <param name="Number">The caller's number as the carrier wrote it; empty for a hidden one.</param>
/// <param name="Name">The caller's name, not to be trusted.</param>
/// <param name="Called">The called number as the carrier wrote it.</param>
internal sealed record CarrierCaller(CarrierSide Side, string Number, string Name, string Called)
{
    public TrunkSettings Trunk => Side.Trunk;
}
