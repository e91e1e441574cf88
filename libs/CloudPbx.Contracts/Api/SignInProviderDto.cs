namespace CloudPbx.Contracts.Api;

/// <summary>A tenant's own OpenID Connect provider. Its secret is told to nobody.</summary>
public sealed record SignInProviderDto
{
    /// <summary>The issuer, as its discovery document has it.</summary>
    public required string Issuer { get; init; }

    /// <summary>What the provider calls us.</summary>
    public required string ClientId { get; init; }

    /// <summary>The domain whose mail addresses it may vouch for.</summary>
    public required string MailDomain { get; init; }

    /// <summary>Whether the sign-in page offers it.</summary>
    public required bool Enabled { get; init; }

    /// <summary>The redirect URI to be registered at the provider.</summary>
    public required string RedirectUri { get; init; }
}
