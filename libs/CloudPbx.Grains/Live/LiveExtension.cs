using CloudPbx.Contracts.Live;
using Orleans;

namespace CloudPbx.Grains.Live;

/// <summary>An extension as it stands now.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.LiveExtension")]
public sealed record LiveExtension
{
    /// <summary>Its number.</summary>
    [Id(0)] public required string Number { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>What it does.</summary>
    [Id(2)] public required ExtensionState State { get; init; }

    /// <summary>Its registered phones, the most preferred first.</summary>
    [Id(3)] public IReadOnlyList<LivePhone> Phones { get; init; } = [];
}
