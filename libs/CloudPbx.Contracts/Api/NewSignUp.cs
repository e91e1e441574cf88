namespace CloudPbx.Contracts.Api;

/// <summary>A company that wants to become a tenant.</summary>
public sealed record NewSignUp
{
    /// <summary>Where the confirmation goes, and by what the first administrator signs in.</summary>
    public required string Email { get; init; }

    /// <summary>The name of who signs up; the mail address if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The company.</summary>
    public required string Company { get; init; }

    /// <summary>Name of the tenant: 1 to 63 lower-case letters, digits and hyphens; it becomes a part of the SIP domain.</summary>
    public required string Tenant { get; init; }

    /// <summary>Language tag (BCP 47), <c>en</c> if absent.</summary>
    public string? Language { get; init; }

    /// <summary>One of the plans for sign-up; the first of them if absent.</summary>
    public string? Plan { get; init; }
}
