using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Users;

/// <summary>A link that lets its holder choose a password, once. The token itself is nowhere; only its hash is here.</summary>
public sealed class GlobalOneTimeLink
{
    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>For whom.</summary>
    public required UserId UserId { get; init; }

    /// <summary>Until when it works, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }
}
