namespace CloudPbx.Data.SignUps;

/// <summary>A company that wants to become a tenant and has not answered its mail yet.</summary>
public sealed class GlobalSignUp
{
    /// <summary>SHA-256 of the token in the mail.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>The mail address that is to be confirmed.</summary>
    public required string Email { get; init; }

    /// <summary>Who signs up.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The company.</summary>
    public required string Company { get; init; }

    /// <summary>The wished name of the tenant.</summary>
    public required string TenantName { get; init; }

    /// <summary>Language (BCP 47).</summary>
    public required string Language { get; init; }

    /// <summary>The plan.</summary>
    public string? Plan { get; init; }

    /// <summary>Until when the link works, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }
}
