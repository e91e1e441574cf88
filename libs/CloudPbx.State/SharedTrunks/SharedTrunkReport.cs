namespace CloudPbx.State.SharedTrunks;

/// <summary>What one worker tells of shared trunks.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Trunks">Each shared trunk that a tenant there has a copy of.</param>
public sealed record SharedTrunkReport(string WorkerId, IReadOnlyList<SharedTrunkUse> Trunks)
{
    /// <summary>Each registered shared trunk whose keeper lives there.</summary>
    /// <remarks>A worker of an earlier version tells none.</remarks>
    public IReadOnlyList<SharedTrunkLines> Kept { get; init => field = value ?? []; } = [];
}
