using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Users;

/// <summary>Links by which a user chooses a password, each once. Who has the database has no link: only hashes are stored.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class OneTimeLinks(IPbxDatabase database, TimeProvider time)
{
    /// <summary>Path of the page that such a link opens, below the public address; the token follows.</summary>
    public const string Path = "/account/password?token=";

    /// <summary>Makes a link; those that the user had before no longer work.</summary>
    /// <param name="user">For whom.</param>
    /// <param name="lifetime">How long it works.</param>
    /// <param name="cancel">Stops the saving.</param>
    /// <returns>The token: 43 characters that need no escaping.</returns>
    public async Task<string> CreateAsync(UserId user, TimeSpan lifetime, CancellationToken cancel)
    {
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalOneTimeLinks.Where(l => l.UserId == user).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            db.GlobalOneTimeLinks.Add(new GlobalOneTimeLink { TokenHash = Hash(token), UserId = user, ExpiresAt = time.GetUtcNow().UtcDateTime + lifetime });
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
        return token;
    }

    /// <summary>Says whose a token is, without using it up.</summary>
    /// <param name="token">What somebody presented.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The user, or <see langword="null"/>: it was used, has expired, or never was one.</returns>
    public async Task<UserId?> FindAsync(string? token, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 100)
            return null;
        byte[] hash = Hash(token);
        DateTime now = time.GetUtcNow().UtcDateTime;
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalOneTimeLinks.Where(l => l.TokenHash == hash && l.ExpiresAt > now).Select(l => (UserId?)l.UserId).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Uses a token up.</summary>
    /// <param name="token">What somebody presented.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether this call, and no other, used it.</returns>
    public async Task<bool> TryRedeemAsync(string token, CancellationToken cancel)
    {
        byte[] hash = Hash(token);
        DateTime now = time.GetUtcNow().UtcDateTime;
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalOneTimeLinks.Where(l => l.TokenHash == hash && l.ExpiresAt > now).ExecuteDeleteAsync(cancel).ConfigureAwait(false) == 1;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
