namespace CloudPbx.Contracts.Api;

/// <summary>A rule that acted.</summary>
/// <param name="Rule">Its prefix or pattern.</param>
/// <param name="Number">The number after it.</param>
public sealed record RewriteStepDto(string Rule, string Number);
