using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Keys;

/// <summary>The platform's own keys in the database, sealed under the platform key.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>. Synchronous, since those who ask for keys (options, Data Protection) are.</remarks>
public sealed class GlobalKeyStore(IPbxDatabase database, IDatabaseFaults faults, PlatformSeal seal)
{
    /// <summary>Purpose of the keys that sign tokens.</summary>
    public const string Signing = "signing";

    /// <summary>Purpose of the keys that encrypt what Identity alone reads: codes, refresh tokens.</summary>
    public const string Encryption = "encryption";

    /// <summary>Purpose of the keys that protect cookies and forms.</summary>
    public const string Protection = "protection";

    /// <summary>Opens all keys of a purpose, the newest first.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <exception cref="CryptographicException">One was sealed under a platform key that is not here.</exception>
    public IReadOnlyList<OpenedKey> Load(string purpose)
    {
        using PlatformDbContext db = database.OpenPlatform();
        List<GlobalKey> keys = [.. db.GlobalKeys.AsNoTracking().Where(k => k.Purpose == purpose)];
        return [.. keys.OrderByDescending(k => k.CreatedAt).Select(k => new OpenedKey(k.Id, Open(k), k.CreatedAt))];
    }

    /// <summary>Reads the public halves of the keys of a purpose, the newest first.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <returns>JSON Web Keys (RFC 7517).</returns>
    public IReadOnlyList<string> LoadPublic(string purpose)
    {
        using PlatformDbContext db = database.OpenPlatform();
        return [.. db.GlobalKeys.AsNoTracking().Where(k => k.Purpose == purpose && k.PublicKey != null).OrderByDescending(k => k.CreatedAt).Select(k => k.PublicKey!)];
    }

    /// <summary>Stores a key.</summary>
    /// <param name="id">Its identifier: who makes the same key at the same time says the same one.</param>
    /// <param name="purpose">The purpose.</param>
    /// <param name="clear">The key.</param>
    /// <param name="publicKey">Its public half as a JSON Web Key, if there is one.</param>
    /// <param name="createdAt">The present instant, UTC.</param>
    /// <returns>Whether it was stored; otherwise there is one of this identifier, and that counts.</returns>
    public bool TryAdd(Guid id, string purpose, ReadOnlySpan<byte> clear, string? publicKey, DateTime createdAt)
    {
        using PlatformDbContext db = database.OpenPlatform();
        if (db.GlobalKeys.Any(k => k.Id == id))
            return false;
        db.GlobalKeys.Add(new GlobalKey { Id = id, Purpose = purpose, Sealed = seal.Seal(Place(purpose, id), clear), PublicKey = publicKey, CreatedAt = createdAt });
        try
        {
            db.SaveChanges();
            return true;
        }
        catch (DbUpdateException update) when (update.InnerException is DbException fault && faults.IsDuplicate(fault))
        {
            return false;
        }
    }

    private static string Place(string purpose, Guid id) => $"{purpose}/{id:N}";

    private byte[] Open(GlobalKey key) => seal.Open(Place(key.Purpose, key.Id), key.Sealed)
        ?? throw new CryptographicException("A key of the platform was sealed under another platform key. Restore the installation's platform key file.");
}
