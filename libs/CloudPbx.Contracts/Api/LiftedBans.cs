namespace CloudPbx.Contracts.Api;

/// <summary>What came of lifting bans.</summary>
/// <param name="Lifted">How many were lifted.</param>
public sealed record LiftedBans(int Lifted);
