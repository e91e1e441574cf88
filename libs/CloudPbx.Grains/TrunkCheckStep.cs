using CloudPbx.Contracts.Trunks;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>One step of a check.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Text">What was seen; strangers wrote parts of it.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckStep")]
public sealed record TrunkCheckStep([property: Id(0)] string Step, [property: Id(1)] TrunkCheckOutcome Outcome, [property: Id(2)] string Text);
