namespace CloudPbx.Contracts.Api;

/// <summary>What a call would do: the answer of a dry run.</summary>
public sealed record RoutingDto
{
    /// <summary>The decision, step by step.</summary>
    public required IReadOnlyList<RoutingStepDto> Steps { get; init; }

    /// <summary>The final status of a call that is refused, or <see langword="null"/>: it goes somewhere.</summary>
    public int? Status { get; init; }

    /// <summary>The extension that would ring, or <see langword="null"/>.</summary>
    public string? Extension { get; init; }

    /// <summary>The conference room that would answer, or <see langword="null"/>.</summary>
    public string? Conference { get; init; }

    /// <summary>The trunks that would be tried, in this order.</summary>
    public required IReadOnlyList<RoutingTrunkDto> Trunks { get; init; }

    /// <summary>After which answers the next trunk would be tried.</summary>
    public required IReadOnlyList<string> FailoverOn { get; init; }

    /// <summary>Whether it would be an emergency call, which no limit stops.</summary>
    public required bool Emergency { get; init; }

    /// <summary>The number that the callee would see of a caller from outside, or <see langword="null"/>.</summary>
    public string? CallerNumber { get; init; }
}
