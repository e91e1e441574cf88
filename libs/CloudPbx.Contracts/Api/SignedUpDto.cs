namespace CloudPbx.Contracts.Api;

/// <summary>A tenant that signed up, with what its first phone and its first administrator need. None of the secrets is told again.</summary>
public sealed record SignedUpDto
{
    /// <summary>The tenant.</summary>
    public required TenantDto Tenant { get; init; }

    /// <summary>Its SIP domain.</summary>
    public required string Domain { get; init; }

    /// <summary>Its first extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The user name of that extension's phone.</summary>
    public required string SipUser { get; init; }

    /// <summary>The phone's password.</summary>
    public required string SipPassword { get; init; }

    /// <summary>Where the phone fetches its account, once and soon, instead of being told the password.</summary>
    public required string ProvisioningUrl { get; init; }

    /// <summary>Where the administrator chooses a password, once.</summary>
    public required string PasswordLink { get; init; }

    /// <summary>End of the trial, UTC; absent: there is none.</summary>
    public DateTime? TrialEndsAt { get; init; }
}
