namespace CloudPbx.CallControl.Carriers;

/// <summary>A carrier that does not cope with reliable provisional responses (I1, I2): its later calls do without, where the trunk's policy is <c>auto</c>.</summary>
/// <param name="At">When it showed, UTC.</param>
/// <param name="Method">The request that it refused.</param>
/// <param name="Status">With what.</param>
/// <param name="Reason">Its own words.</param>
internal sealed record LearnedRel100(DateTime At, string Method, int Status, string Reason)
{
    /// <summary>In words, for operators.</summary>
    public override string ToString() => $"{Method} got {Status} {Reason}";
}
