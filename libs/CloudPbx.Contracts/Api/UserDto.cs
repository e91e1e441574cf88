using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>Somebody who signs in.</summary>
public sealed record UserDto
{
    /// <summary>The identifier.</summary>
    public required UserId Id { get; init; }

    /// <summary>What is typed at the sign-in.</summary>
    public required string UserName { get; init; }

    /// <summary>The mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The name to show.</summary>
    public required string DisplayName { get; init; }

    /// <summary>What they may do.</summary>
    public required UserRole Role { get; init; }

    /// <summary>The number of a user's extension.</summary>
    public string? Extension { get; init; }

    /// <summary>Whether they may sign in.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Whether they have chosen a password.</summary>
    public required bool HasPassword { get; init; }

    /// <summary>Whether the sign-in asks for a code as well.</summary>
    public required bool TwoFactor { get; init; }

    /// <summary>When they signed in last, UTC.</summary>
    public DateTime? LastSignInAt { get; init; }

    /// <summary>When they were created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>A link by which they choose a password, once; only in the answer that made it. Give it to them by a safe way.</summary>
    public string? PasswordLink { get; init; }
}
