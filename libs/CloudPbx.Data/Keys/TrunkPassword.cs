using System.Diagnostics.CodeAnalysis;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>Seals and opens the passwords that carriers gave a tenant.</summary>
public static class TrunkPassword
{
    /// <summary>Seals a password.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="trunk">Which trunk.</param>
    /// <param name="user">Which of its accounts: the sealed password opens for no other.</param>
    /// <param name="password">The password in clear.</param>
    public static byte[] Seal(TenantKeyring keyring, TenantKey key, TrunkId trunk, string user, string password) =>
        keyring.Seal(key, Place(trunk, user), Encoding.UTF8.GetBytes(password));

    /// <summary>Opens a password.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="trunk">Which trunk.</param>
    /// <param name="user">Which of its accounts.</param>
    /// <param name="sealedPassword">What <see cref="Seal"/> gave.</param>
    /// <param name="password">The password in clear: keep it no longer than the digest takes.</param>
    /// <returns>Whether it could be opened; otherwise the tenant was shredded or the platform key is another.</returns>
    public static bool TryOpen(
        TenantKeyring keyring, TenantKey key, TrunkId trunk, string user, ReadOnlySpan<byte> sealedPassword, [NotNullWhen(true)] out string? password)
    {
        byte[]? clear = keyring.Open(key, Place(trunk, user), sealedPassword);
        password = clear is null ? null : Encoding.UTF8.GetString(clear);
        return password is not null;
    }

    private static string Place(TrunkId trunk, string user) => $"trunk/{trunk}/account/{user}/password";
}
