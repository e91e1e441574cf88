using System.Diagnostics.CodeAnalysis;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>Seals and opens the passwords that carriers gave for shared trunks: they are the platform's or a reseller's, so no tenant's key seals them, and tenants' copies have them as they are.</summary>
public static class GlobalTrunkPassword
{
    /// <summary>Seals a password.</summary>
    /// <param name="seal">The platform's key.</param>
    /// <param name="trunk">Which shared trunk.</param>
    /// <param name="user">Which of its accounts: the sealed password opens for no other.</param>
    /// <param name="password">The password in clear.</param>
    public static byte[] Seal(PlatformSeal seal, TrunkId trunk, string user, string password)
    {
        ArgumentNullException.ThrowIfNull(seal);
        return seal.Seal(Place(trunk, user), Encoding.UTF8.GetBytes(password));
    }

    /// <summary>Opens a password.</summary>
    /// <param name="seal">The platform's key.</param>
    /// <param name="trunk">Which shared trunk; not a tenant's copy.</param>
    /// <param name="user">Which of its accounts.</param>
    /// <param name="sealedPassword">What <see cref="Seal"/> gave.</param>
    /// <param name="password">The password in clear: keep it no longer than the digest takes.</param>
    /// <returns>Whether it could be opened; otherwise the platform key is another.</returns>
    public static bool TryOpen(PlatformSeal seal, TrunkId trunk, string user, ReadOnlySpan<byte> sealedPassword, [NotNullWhen(true)] out string? password)
    {
        ArgumentNullException.ThrowIfNull(seal);
        byte[]? clear = seal.Open(Place(trunk, user), sealedPassword);
        password = clear is null ? null : Encoding.UTF8.GetString(clear);
        return password is not null;
    }

    private static string Place(TrunkId trunk, string user) => $"trunk/{trunk}/account/{user}/password";
}
