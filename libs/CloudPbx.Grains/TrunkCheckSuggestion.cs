using CloudPbx.Contracts.Trunks;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>A setting that the carrier's answers suggest.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">The value.</param>
/// <param name="Reason">Which answer suggests it.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkCheckSuggestion")]
public sealed record TrunkCheckSuggestion([property: Id(0)] string Setting, [property: Id(1)] string Value, [property: Id(2)] string Reason);
