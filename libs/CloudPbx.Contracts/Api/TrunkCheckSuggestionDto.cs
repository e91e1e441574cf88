using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A setting that the carrier's answers suggest.</summary>
/// <param name="Setting">The setting, as the trunk's resource or its <c>changes</c> call it.</param>
/// <param name="Value">The value, as it is written there.</param>
/// <param name="Reason">Which answer suggests it.</param>
public sealed record TrunkCheckSuggestionDto(string Setting, string Value, string Reason);
