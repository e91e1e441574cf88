namespace CloudPbx.State.SharedTrunks;

/// <summary>What one worker tells of shared trunks.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Trunks">Each shared trunk that a tenant there has a copy of.</param>
public sealed record SharedTrunkReport(string WorkerId, IReadOnlyList<SharedTrunkUse> Trunks);
