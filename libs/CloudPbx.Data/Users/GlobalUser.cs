using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Users;

/// <summary>
/// Somebody who signs in. It is the platform's row, since a mail address names one person on the whole platform; whoever lists users for a tenant filters by <see cref="TenantId"/>.
/// </summary>
public sealed class GlobalUser
{
    /// <summary>The identifier.</summary>
    public required UserId Id { get; init; }

    /// <summary>What is typed at the sign-in: a mail address, or a name without <c>@</c> for an operator.</summary>
    public required string UserName { get; set; }

    /// <summary><see cref="UserName"/> as it is compared: upper case. Unique on the platform.</summary>
    public required string NormalizedUserName { get; set; }

    /// <summary>The mail address, where there is one.</summary>
    public string? Email { get; set; }

    /// <summary>Whether a mail to it was answered.</summary>
    public bool EmailConfirmed { get; set; }

    /// <summary>The name to show.</summary>
    public required string DisplayName { get; set; }

    /// <summary>Language of the pages (BCP 47), or <see langword="null"/>: the browser's.</summary>
    public string? Language { get; set; }

    /// <summary>What they may do.</summary>
    public required UserRole Role { get; set; }

    /// <summary>The only tenant of an administrator or user.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>The reseller of a reseller's user.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>A user's extension.</summary>
    public ExtensionId? ExtensionId { get; set; }

    /// <summary>Whether they may sign in.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The password's hash (PBKDF2), or <see langword="null"/> before the first one was chosen.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Changes with every change of password or second factor: what was issued before is void.</summary>
    public required string SecurityStamp { get; set; }

    /// <summary>Failed sign-ins in a row.</summary>
    public int AccessFailedCount { get; set; }

    /// <summary>Until when nobody can sign in as them, UTC.</summary>
    public DateTime? LockoutEnd { get; set; }

    /// <summary>Whether a code of an authenticator app is asked for as well.</summary>
    public bool TwoFactorEnabled { get; set; }

    /// <summary>The authenticator app's secret, sealed under the platform key.</summary>
    public byte[]? SealedAuthenticatorKey { get; set; }

    /// <summary>The last 30-second step whose code was accepted: a code counts once (RFC 6238 §5.2).</summary>
    public long LastAuthenticatorStep { get; set; }

    /// <summary>Hashes of the recovery codes that are left.</summary>
    public required IReadOnlyList<string> RecoveryCodes { get; set; }

    /// <summary>When they were created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When they signed in last, UTC.</summary>
    public DateTime? LastSignInAt { get; set; }

    /// <summary>Changes with every change: whoever writes an older state is refused.</summary>
    public Guid Version { get; set; }
}
