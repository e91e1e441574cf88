using CloudPbx.Contracts.Trunks;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>What a check of a trunk against its carrier found.</summary>
/// <param name="Steps">What was tried, in order.</param>
/// <param name="Suggestions">Settings that the carrier's answers suggest.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckAnswer")]
public sealed record TrunkCheckAnswer([property: Id(0)] IReadOnlyList<TrunkCheckStep> Steps, [property: Id(1)] IReadOnlyList<TrunkCheckSuggestion> Suggestions);
