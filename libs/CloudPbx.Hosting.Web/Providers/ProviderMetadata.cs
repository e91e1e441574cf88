namespace CloudPbx.Hosting.Web.Providers;

/// <summary>What we use of a provider's discovery document (OpenID Connect Discovery §3).</summary>
/// <param name="Issuer">The issuer, the very one that was asked.</param>
/// <param name="AuthorizationEndpoint">Where people are sent to.</param>
/// <param name="TokenEndpoint">Where codes are redeemed.</param>
/// <param name="KeySet">Where the keys are that sign its tokens.</param>
/// <param name="TakesBasic">Whether the token endpoint takes the client's secret in the Authorization header, as it does unless it says otherwise.</param>
public sealed record ProviderMetadata(string Issuer, Uri AuthorizationEndpoint, Uri TokenEndpoint, Uri KeySet, bool TakesBasic);
