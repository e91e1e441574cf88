using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Clients;

/// <summary>Whether tokens that Identity issued are still good, and their revocation.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class IssuedTokens(IPbxDatabase database)
{
    // OpenIddict's word for a token that was neither redeemed nor revoked.
    private const string Valid = "valid";
    private const string Revoked = "revoked";

    /// <summary>Says whether a token is known and was not revoked.</summary>
    /// <param name="token">The token's identifier.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> IsValidAsync(Guid token, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalTokens.AnyAsync(t => t.Id == token && t.Status == Valid, cancel).ConfigureAwait(false);
    }

    /// <summary>Revokes all that was issued about somebody: every sign-in, every program's token.</summary>
    /// <param name="subject">The tokens' <c>sub</c>.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task RevokeAsync(string subject, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            if (UserId.TryParse(subject, out UserId user))
                await db.GlobalSessions.Where(s => s.UserId == user).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            await db.GlobalTokens.Where(t => t.Subject == subject && t.Status == Valid).ExecuteUpdateAsync(set => set.SetProperty(t => t.Status, Revoked), cancel).ConfigureAwait(false);
            await db.GlobalAuthorizations.Where(a => a.Subject == subject && a.Status == Valid).ExecuteUpdateAsync(set => set.SetProperty(a => a.Status, Revoked), cancel).ConfigureAwait(false);
        }
    }
}
