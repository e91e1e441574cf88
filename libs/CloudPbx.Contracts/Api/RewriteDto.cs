namespace CloudPbx.Contracts.Api;

/// <summary>What a trunk's rules make of a number.</summary>
/// <param name="List">Which rules: <c>calledIn</c>, <c>callerIn</c>, <c>calledOut</c>, <c>callerOut</c>.</param>
/// <param name="Number">What comes of it.</param>
/// <param name="Steps">The rules that acted, with the number after each.</param>
public sealed record RewriteDto(string List, string Number, IReadOnlyList<RewriteStepDto> Steps);
