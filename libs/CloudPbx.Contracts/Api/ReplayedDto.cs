namespace CloudPbx.Contracts.Api;

/// <summary>What a replay put up.</summary>
/// <param name="Events">How many events.</param>
public sealed record ReplayedDto(int Events);
