using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>An outbound route.</summary>
public sealed record RouteDto
{
    /// <summary>Its identifier.</summary>
    public required RouteId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What numbers begin with; empty: every number.</summary>
    public required string Prefix { get; init; }

    /// <summary>In which order the trunks are tried.</summary>
    public required TrunkOrder Order { get; init; }

    /// <summary>The trunks by name.</summary>
    public required IReadOnlyList<RouteTrunkDocument> Trunks { get; init; }

    /// <summary>After which answers the next trunk is tried.</summary>
    public required IReadOnlyList<string> FailoverOn { get; init; }

    /// <summary>Rewrites the number before a trunk's own rules do.</summary>
    public required IReadOnlyList<NumberRewrite> Rewrite { get; init; }

    /// <summary>The number that is shown, or <see langword="null"/>.</summary>
    public string? CallerNumber { get; init; }
}
