using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>What a check of a trunk against its carrier found.</summary>
/// <param name="Steps">What was tried, in order.</param>
/// <param name="Suggestions">Settings of the trunk or its profile that the carrier's answers suggest.</param>
public sealed record TrunkCheckDto(IReadOnlyList<TrunkCheckStepDto> Steps, IReadOnlyList<TrunkCheckSuggestionDto> Suggestions);
