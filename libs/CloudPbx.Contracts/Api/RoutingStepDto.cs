namespace CloudPbx.Contracts.Api;

/// <summary>One step of a routing decision.</summary>
/// <param name="Rule">The rule that decided, a stable key: <c>outside-prefix</c>.</param>
/// <param name="Value">What it was decided on.</param>
public sealed record RoutingStepDto(string Rule, string Value);
