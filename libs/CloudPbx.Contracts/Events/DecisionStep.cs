namespace CloudPbx.Contracts.Events;

/// <summary>One step of what decided where a call went.</summary>
/// <param name="Rule">Which rule, a key that pages translate: <c>extension</c>, <c>forward-busy</c>.</param>
/// <param name="Value">What it was decided on.</param>
public sealed record DecisionStep(string Rule, string Value);
