using Orleans;

namespace CloudPbx.Grains;

/// <summary>What a call would do: the answer of a dry run.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.RouteAnswer")]
public sealed record RouteAnswer
{
    /// <summary>The decision, step by step.</summary>
    [Id(0)] public required IReadOnlyList<RouteAnswerStep> Steps { get; init; }

    /// <summary>The final status of a call that is refused; 0 where it goes somewhere.</summary>
    [Id(1)] public int Status { get; init; }

    /// <summary>The extension that would ring, or <see langword="null"/>.</summary>
    [Id(2)] public string? Extension { get; init; }

    /// <summary>The trunks that would be tried, in this order.</summary>
    [Id(3)] public IReadOnlyList<RouteAnswerTrunk> Trunks { get; init; } = [];

    /// <summary>After which answers the next trunk would be tried.</summary>
    [Id(4)] public IReadOnlyList<string> FailoverOn { get; init; } = [];

    /// <summary>Whether it would be an emergency call.</summary>
    [Id(5)] public bool Emergency { get; init; }

    /// <summary>The number that the callee would see of a caller from outside, or <see langword="null"/>.</summary>
    [Id(6)] public string? CallerNumber { get; init; }

    /// <summary>The conference room that would answer, or <see langword="null"/>.</summary>
    [Id(7)] public string? Conference { get; init; }
}

/// <summary>One step of a decision.</summary>
/// <param name="Rule">A key that is translated where it is shown.</param>
/// <param name="Value">What it was decided on.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.RouteAnswerStep")]
public sealed record RouteAnswerStep([property: Id(0)] string Rule, [property: Id(1)] string Value);

/// <summary>One trunk that would be tried.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CalledNumber">The called number as it would be sent.</param>
/// <param name="CallerNumber">The caller's number as it would be sent, or <see langword="null"/>.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.RouteAnswerTrunk")]
public sealed record RouteAnswerTrunk([property: Id(0)] string Name, [property: Id(1)] string CalledNumber, [property: Id(2)] string? CallerNumber);
