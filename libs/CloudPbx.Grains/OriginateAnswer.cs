using Orleans;

namespace CloudPbx.Grains;

/// <summary>What became of a call that a program asked for.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.OriginateAnswer")]
public sealed record OriginateAnswer
{
    /// <summary>Why it does not begin.</summary>
    [Id(0)] public OriginateFault Fault { get; init; }

    /// <summary>The step of the routing decision that refused it.</summary>
    [Id(1)] public string? Rule { get; init; }

    /// <summary>The call, which rings at the extension's phones now.</summary>
    [Id(2)] public LiveCall? Call { get; init; }
}
