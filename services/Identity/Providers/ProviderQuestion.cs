using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Identity.Providers;

/// <summary>What a browser was sent to a provider with; it keeps it, sealed, until it comes back.</summary>
/// <param name="Tenant">Whose provider.</param>
/// <param name="Issuer">The provider at that time.</param>
/// <param name="State">What must come back (RFC 6749 §10.12).</param>
/// <param name="Nonce">What the ID token must say (OpenID Connect Core §3.1.2.1).</param>
/// <param name="Verifier">What the code is redeemed with (RFC 7636).</param>
/// <param name="Target">Where the sign-in leads to then.</param>
/// <param name="Until">When it is too late.</param>
internal sealed record ProviderQuestion(TenantId Tenant, string Issuer, string State, string Nonce, string Verifier, string Target, DateTimeOffset Until)
{
    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(10);

    /// <summary>The question that goes with the verifier.</summary>
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public static ProviderQuestion New(TenantId tenant, string issuer, string target, DateTimeOffset now) => new(tenant, issuer, Random(), Random(), Random(), target, now + s_life);

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
