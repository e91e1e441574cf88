namespace CloudPbx.Contracts.Api;

/// <summary>Sets a tenant's own OpenID Connect provider up. Its discovery document is read before it is saved.</summary>
public sealed record NewSignInProvider
{
    /// <summary>The issuer, as its discovery document has it: an https address.</summary>
    public required string Issuer { get; init; }

    /// <summary>What the provider calls us.</summary>
    public required string ClientId { get; init; }

    /// <summary>The secret that the provider gave us; absent keeps the one that is there.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The domain whose mail addresses it may vouch for.</summary>
    public required string MailDomain { get; init; }

    /// <summary>Whether the sign-in page offers it; absent: yes.</summary>
    public bool? Enabled { get; init; }
}
