namespace CloudPbx.Identity.Providers;

/// <summary>What a provider says of somebody.</summary>
/// <param name="Outcome">Whether it vouches.</param>
/// <param name="Email">For which mail address; verified by it, and of the domain that it may vouch for.</param>
/// <param name="Reason">Why not, in words for an administrator, without anything secret.</param>
internal sealed record ProviderAnswer(ProviderOutcome Outcome, string? Email = null, string? Reason = null);
