using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>An outbound route: to create, to change, and in a tenant's document.</summary>
public sealed record RouteDocument
{
    /// <summary>1 to 64 characters, unique in the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>What numbers (without the outside prefix) begin with: digits, a leading <c>+</c>; every number if absent. Unique in the tenant; the longest decides.</summary>
    public string? Prefix { get; init; }

    /// <summary>In which order the trunks are tried; <c>listed</c> if absent.</summary>
    public TrunkOrder? Order { get; init; }

    /// <summary>The trunks; none bars these numbers.</summary>
    public IReadOnlyList<RouteTrunkDocument> Trunks { get; init; } = [];

    /// <summary>After which answers the next trunk is tried: statuses and classes; <c>403</c>, <c>408</c>, <c>5xx</c> if absent.</summary>
    public IReadOnlyList<string>? FailoverOn { get; init; }

    /// <summary>Rewrites the number before a trunk's own rules do.</summary>
    public IReadOnlyList<NumberRewrite> Rewrite { get; init; } = [];

    /// <summary>The number that is shown, one of the tenant's; as the tenant's rules say if absent.</summary>
    public string? CallerNumber { get; init; }
}
