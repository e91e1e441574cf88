using CloudPbx.Contracts.Identity;

namespace CloudPbx.Contracts.Api;

/// <summary>Somebody to let in, or to change.</summary>
public sealed record NewUser
{
    /// <summary>The mail address, by which they sign in; unique on the platform.</summary>
    public required string Email { get; init; }

    /// <summary>The name to show; the mail address if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Of a tenant: <c>administrator</c> or <c>user</c> (if absent). Elsewhere it follows from where the user is.</summary>
    public UserRole? Role { get; init; }

    /// <summary>The number of the extension of a <c>user</c>.</summary>
    public string? Extension { get; init; }

    /// <summary>Whether they may sign in; <see langword="true"/> if absent.</summary>
    public bool? Enabled { get; init; }
}
