using CloudPbx.Contracts.Trunks;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>What a check of a trunk against its carrier found.</summary>
/// <param name="Steps">What was tried, in order.</param>
/// <param name="Suggestions">Settings that the carrier's answers suggest.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckAnswer")]
public sealed record TrunkCheckAnswer([property: Id(0)] IReadOnlyList<TrunkCheckStep> Steps, [property: Id(1)] IReadOnlyList<TrunkCheckSuggestion> Suggestions);

/// <summary>One step of a check.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Text">What was seen; strangers wrote parts of it.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckStep")]
public sealed record TrunkCheckStep([property: Id(0)] string Step, [property: Id(1)] TrunkCheckOutcome Outcome, [property: Id(2)] string Text);

/// <summary>A setting that the carrier's answers suggest.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">The value.</param>
/// <param name="Reason">Which answer suggests it.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckSuggestion")]
public sealed record TrunkCheckSuggestion([property: Id(0)] string Setting, [property: Id(1)] string Value, [property: Id(2)] string Reason);
