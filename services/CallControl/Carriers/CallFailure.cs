namespace CloudPbx.CallControl.Carriers;

/// <summary>The last call that a trunk's carrier did not take.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Why">What the carrier said, or why it was not reached.</param>
internal sealed record CallFailure(DateTime At, CarrierRefusal Why)
{
    /// <summary>When the carrier took a call for the first time since, UTC; null while it has not.</summary>
    public DateTime? AgainSince { get; init; }
}
