using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>What a check of a trunk against its carrier found.</summary>
/// <param name="Steps">What was tried, in order.</param>
/// <param name="Suggestions">Settings of the trunk or its profile that the carrier's answers suggest.</param>
public sealed record TrunkCheckDto(IReadOnlyList<TrunkCheckStepDto> Steps, IReadOnlyList<TrunkCheckSuggestionDto> Suggestions);

/// <summary>One step of a check.</summary>
/// <param name="Step"><c>settings</c>, <c>dns</c>, <c>connection</c>, <c>registration</c>, <c>options</c> or <c>call</c>.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Text">What was seen, the carrier's own words among it, control characters removed.</param>
public sealed record TrunkCheckStepDto(string Step, TrunkCheckOutcome Outcome, string Text);

/// <summary>A setting that the carrier's answers suggest.</summary>
/// <param name="Setting">The setting, as the trunk's resource or its <c>changes</c> call it.</param>
/// <param name="Value">The value, as it is written there.</param>
/// <param name="Reason">Which answer suggests it.</param>
public sealed record TrunkCheckSuggestionDto(string Setting, string Value, string Reason);
