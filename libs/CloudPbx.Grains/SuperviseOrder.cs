using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>Somebody is to hear a call that two others talk in: the supervisor's phones ring, and who answers hears both.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.SuperviseOrder")]
public sealed record SuperviseOrder
{
    /// <summary>The call.</summary>
    [Id(0)] public required CallId Call { get; init; }

    /// <summary>The supervisor's extension.</summary>
    [Id(1)] public required string Supervisor { get; init; }

    /// <summary>Who hears the supervisor.</summary>
    [Id(2)] public SupervisionMode Mode { get; init; }

    /// <summary>Who is whispered to; <see langword="null"/>: the tenant's own party, the callee where both are.</summary>
    [Id(3)] public CallParty? Party { get; init; }

    /// <summary>Seconds after which the supervisor's phones are asked to answer by themselves; <see langword="null"/>: never.</summary>
    [Id(4)] public int? AnswerAfterSeconds { get; init; }
}
