namespace CloudPbx.Contracts.Api;

/// <summary>One trunk of a route.</summary>
public sealed record RouteTrunkDocument
{
    /// <summary>Its name.</summary>
    public required string Trunk { get; init; }

    /// <summary>How often it is tried first, relative to the others; 1 to 1000, 1 if absent.</summary>
    public int? Weight { get; init; }
}
