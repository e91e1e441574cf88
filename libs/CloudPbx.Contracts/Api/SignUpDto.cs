namespace CloudPbx.Contracts.Api;

/// <summary>A sign-up that waits for its mail to be answered.</summary>
public sealed record SignUpDto
{
    /// <summary>Where the mail went.</summary>
    public required string Email { get; init; }

    /// <summary>The SIP domain that the tenant will have.</summary>
    public required string Domain { get; init; }

    /// <summary>Until when the mail can be answered, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>What the mail would say, where the platform has no mail server.</summary>
    public string? Token { get; init; }
}
