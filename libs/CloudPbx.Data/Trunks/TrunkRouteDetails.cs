using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>What is stored of a route in one column, since nothing queries it. The members are explained at <see cref="OutboundRoute"/>.</summary>
public sealed record TrunkRouteDetails
{
    /// <summary>See <see cref="OutboundRoute.Order"/>.</summary>
    public TrunkOrder Order { get; init; }

    /// <summary>See <see cref="OutboundRoute.Trunks"/>.</summary>
    public IReadOnlyList<RouteTrunk> Trunks { get; init; } = [];

    /// <summary>See <see cref="OutboundRoute.FailoverOn"/>.</summary>
    public IReadOnlyList<string>? FailoverOn { get; init; }

    /// <summary>See <see cref="OutboundRoute.Rewrite"/>.</summary>
    public IReadOnlyList<NumberRewrite> Rewrite { get; init; } = [];

    /// <summary>See <see cref="OutboundRoute.CallerNumber"/>.</summary>
    public string? CallerNumber { get; init; }
}
