using System.Text;
using CloudPbx.Data.Keys;

namespace CloudPbx.Data.SignInProviders;

/// <summary>Seals and opens the secret that a tenant's provider gave it.</summary>
public static class ProviderSecret
{
    private const string Place = "sign-in-provider/secret";

    /// <summary>Seals a secret.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="secret">The secret in clear.</param>
    public static byte[] Seal(TenantKeyring keyring, TenantKey key, string secret) => keyring.Seal(key, Place, Encoding.UTF8.GetBytes(secret));

    /// <summary>Opens a secret.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="sealedSecret">What <see cref="Seal"/> gave.</param>
    /// <returns>The secret, or <see langword="null"/>: the tenant was shredded or the platform key is another.</returns>
    public static string? Open(TenantKeyring keyring, TenantKey key, ReadOnlySpan<byte> sealedSecret) =>
        keyring.Open(key, Place, sealedSecret) is { } clear ? Encoding.UTF8.GetString(clear) : null;
}
