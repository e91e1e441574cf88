using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.SignUps;

/// <summary>Sign-ups that wait for their mail to be answered.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class SignUpStore(IPbxDatabase database, TimeProvider time)
{
    /// <summary>More than these do not wait at one time: a stranger fills no table.</summary>
    public const int MostWaiting = 10_000;

    /// <summary>Makes a token for the mail.</summary>
    /// <returns>The token, and its hash.</returns>
    public static (string Token, byte[] Hash) NewToken()
    {
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (token, Hash(token));
    }

    /// <summary>Stores a sign-up; those that have expired go.</summary>
    /// <param name="signUp">The sign-up.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was room.</returns>
    public async Task<bool> TryAddAsync(GlobalSignUp signUp, CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalSignUps.Where(s => s.ExpiresAt < now).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            if (await db.GlobalSignUps.CountAsync(cancel).ConfigureAwait(false) >= MostWaiting)
                return false;
            db.GlobalSignUps.Add(signUp);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Finds a sign-up by the mail's token.</summary>
    /// <param name="token">What somebody presented.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalSignUp?> FindAsync(string token, CancellationToken cancel)
    {
        byte[] hash = Hash(token);
        DateTime now = time.GetUtcNow().UtcDateTime;
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSignUps.AsNoTracking().SingleOrDefaultAsync(s => s.TokenHash == hash && s.ExpiresAt > now, cancel).ConfigureAwait(false);
    }

    /// <summary>Takes a sign-up away: it was confirmed.</summary>
    /// <param name="signUp">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether this call, and no other, took it.</returns>
    public async Task<bool> TryTakeAsync(GlobalSignUp signUp, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSignUps.Where(s => s.TokenHash == signUp.TokenHash).ExecuteDeleteAsync(cancel).ConfigureAwait(false) == 1;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
