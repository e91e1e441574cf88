using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>One step of a check.</summary>
/// <param name="Step"><c>settings</c>, <c>dns</c>, <c>connection</c>, <c>registration</c>, <c>options</c> or <c>call</c>.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Text">What was seen, the carrier's own words among it, control characters removed.</param>
public sealed record TrunkCheckStepDto(string Step, TrunkCheckOutcome Outcome, string Text);
