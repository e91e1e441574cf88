using Orleans;

namespace CloudPbx.Grains;

/// <summary>A call that a program makes for an extension: its phones ring first, then the destination is called as that extension.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.OriginateOrder")]
public sealed record OriginateOrder
{
    /// <summary>The extension that calls.</summary>
    [Id(0)] public required string From { get; init; }

    /// <summary>Whom it calls, as it would dial.</summary>
    [Id(1)] public required string To { get; init; }

    /// <summary>Seconds after which the extension's phones are asked to answer by themselves; <see langword="null"/>: they ring until somebody answers.</summary>
    [Id(2)] public int? AnswerAfterSeconds { get; init; }
}
