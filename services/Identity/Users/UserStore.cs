using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Identity.Users;

/// <summary>ASP.NET Core Identity's users in our table. It sees all tenants' users, since a sign-in has no tenant yet: a listed caller of <see cref="PlatformDbContext"/>.</summary>
/// <remarks>Scoped, not thread-safe, like its context.</remarks>
internal sealed partial class UserStore(PlatformDbContext db, PlatformSeal seal) :
    IUserPasswordStore<GlobalUser>, IUserEmailStore<GlobalUser>, IUserSecurityStampStore<GlobalUser>, IUserLockoutStore<GlobalUser>,
    IUserTwoFactorStore<GlobalUser>, IUserAuthenticatorKeyStore<GlobalUser>, IUserTwoFactorRecoveryCodeStore<GlobalUser>,
    IUserPasskeyStore<GlobalUser>
{
    private static readonly IdentityErrorDescriber s_errors = new();

    public async Task<IdentityResult> CreateAsync(GlobalUser user, CancellationToken cancellationToken)
    {
        db.GlobalUsers.Add(user);
        return await SaveAsync(user, cancellationToken);
    }

    public async Task<IdentityResult> UpdateAsync(GlobalUser user, CancellationToken cancellationToken)
    {
        if (db.Entry(user).State == EntityState.Detached)
            db.GlobalUsers.Update(user);
        return await SaveAsync(user, cancellationToken);
    }

    public async Task<IdentityResult> DeleteAsync(GlobalUser user, CancellationToken cancellationToken)
    {
        db.GlobalUsers.Remove(user);
        await db.SaveChangesAsync(cancellationToken);
        return IdentityResult.Success;
    }

    public Task<GlobalUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) => UserId.TryParse(userId, out UserId id)
        ? db.GlobalUsers.SingleOrDefaultAsync(u => u.Id == id, cancellationToken)
        : Task.FromResult<GlobalUser?>(null);

    public Task<GlobalUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        db.GlobalUsers.SingleOrDefaultAsync(u => u.NormalizedUserName == normalizedUserName, cancellationToken);

    /// <summary>Mail addresses are user names: the same search.</summary>
    public Task<GlobalUser?> FindByEmailAsync(string normalizedEmail, CancellationToken cancellationToken) => FindByNameAsync(normalizedEmail, cancellationToken);

    public Task<string> GetUserIdAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.UserName);

    public Task SetUserNameAsync(GlobalUser user, string? userName, CancellationToken cancellationToken)
    {
        user.UserName = userName ?? user.UserName;
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedUserNameAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.NormalizedUserName);

    public Task SetNormalizedUserNameAsync(GlobalUser user, string? normalizedName, CancellationToken cancellationToken)
    {
        user.NormalizedUserName = normalizedName ?? user.NormalizedUserName;
        return Task.CompletedTask;
    }

    public Task SetPasswordHashAsync(GlobalUser user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task SetEmailAsync(GlobalUser user, string? email, CancellationToken cancellationToken)
    {
        user.Email = email;
        return Task.CompletedTask;
    }

    public Task<string?> GetEmailAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.Email);

    public Task<bool> GetEmailConfirmedAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.EmailConfirmed);

    public Task SetEmailConfirmedAsync(GlobalUser user, bool confirmed, CancellationToken cancellationToken)
    {
        user.EmailConfirmed = confirmed;
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedEmailAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.Email is null ? null : user.NormalizedUserName);

    public Task SetNormalizedEmailAsync(GlobalUser user, string? normalizedEmail, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetSecurityStampAsync(GlobalUser user, string stamp, CancellationToken cancellationToken)
    {
        user.SecurityStamp = stamp;
        return Task.CompletedTask;
    }

    public Task<string?> GetSecurityStampAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.SecurityStamp);

    public Task<DateTimeOffset?> GetLockoutEndDateAsync(GlobalUser user, CancellationToken cancellationToken) =>
        Task.FromResult<DateTimeOffset?>(user.LockoutEnd is { } end ? new DateTimeOffset(end) : null);

    public Task SetLockoutEndDateAsync(GlobalUser user, DateTimeOffset? lockoutEnd, CancellationToken cancellationToken)
    {
        user.LockoutEnd = lockoutEnd?.UtcDateTime;
        return Task.CompletedTask;
    }

    public Task<int> IncrementAccessFailedCountAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(++user.AccessFailedCount);

    public Task ResetAccessFailedCountAsync(GlobalUser user, CancellationToken cancellationToken)
    {
        user.AccessFailedCount = 0;
        return Task.CompletedTask;
    }

    public Task<int> GetAccessFailedCountAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.AccessFailedCount);

    public Task<bool> GetLockoutEnabledAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task SetLockoutEnabledAsync(GlobalUser user, bool enabled, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        // the scope disposes the context
    }

    private async Task<IdentityResult> SaveAsync(GlobalUser user, CancellationToken cancel)
    {
        user.Version = Guid.CreateVersion7();
        try
        {
            await db.SaveChangesAsync(cancel);
            return IdentityResult.Success;
        }
        catch (DbUpdateConcurrencyException)
        {
            return IdentityResult.Failed(s_errors.ConcurrencyFailure());
        }
    }
}
