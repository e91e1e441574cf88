using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.SignInProviders;

/// <summary>A tenant's own OpenID Connect provider, by which its people sign in. It speaks for this tenant's people alone.</summary>
public sealed class SignInProvider : ITenantOwned, IVersioned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The issuer, exactly as its discovery document and its tokens have it (OpenID Connect Discovery §4.3).</summary>
    public required string Issuer { get; set; }

    /// <summary>What the provider calls us.</summary>
    public required string ClientId { get; set; }

    /// <summary>The client's secret, sealed with the tenant's key.</summary>
    public required byte[] SealedSecret { get; set; }

    /// <summary>The one domain whose mail addresses it may vouch for, in lower case.</summary>
    public required string MailDomain { get; set; }

    /// <summary>Whether the sign-in page offers it.</summary>
    public bool Enabled { get; set; } = true;

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
