namespace CloudPbx.Contracts.Trunks;

/// <summary>Which number is shown outside for some extensions. The longest prefix decides.</summary>
/// <param name="Extensions">An extension, or the digits that extensions begin with.</param>
/// <param name="Number">The number in E.164, one of the tenant's.</param>
public sealed record CallerNumberRule(string Extensions, string Number);
