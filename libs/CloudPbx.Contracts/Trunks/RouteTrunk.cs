using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>One trunk of an outbound route.</summary>
/// <param name="Trunk">Which.</param>
/// <param name="Weight">How often it is tried first, relative to the others; at least 1. Without meaning where the order is as listed.</param>
public sealed record RouteTrunk(TrunkId Trunk, int Weight = 1);
