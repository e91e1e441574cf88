using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>An outbound route: which trunks take calls to numbers that begin in one way. The longest prefix decides.</summary>
public sealed record OutboundRoute
{
    /// <summary>Its identifier.</summary>
    public required RouteId Id { get; init; }

    /// <summary>Its name, unique in the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>What the number (without the outside prefix) begins with: digits, a leading <c>+</c>; empty: every number. Unique in the tenant.</summary>
    public required string Prefix { get; init; }

    /// <summary>In which order the trunks are tried.</summary>
    public TrunkOrder Order { get; init; }

    /// <summary>Its trunks; none: numbers of this prefix are barred.</summary>
    public IReadOnlyList<RouteTrunk> Trunks { get; init; } = [];

    /// <summary>After which answers of a carrier the next trunk is tried, see <see cref="FailoverCauses"/>.</summary>
    public IReadOnlyList<string> FailoverOn { get; init; } = FailoverCauses.Default;

    /// <summary>Rewrites the number before a trunk's own rules do.</summary>
    public IReadOnlyList<NumberRewrite> Rewrite { get; init; } = [];

    /// <summary>The number that is shown for calls of this route, one of the tenant's; <see langword="null"/>: as <see cref="OutsideCalling"/> says.</summary>
    public string? CallerNumber { get; init; }
}
