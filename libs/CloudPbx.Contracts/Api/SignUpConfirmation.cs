namespace CloudPbx.Contracts.Api;

/// <summary>The answer to the mail.</summary>
public sealed record SignUpConfirmation
{
    /// <summary>What the mail says.</summary>
    public required string Token { get; init; }
}
