using System.Security.Cryptography;

namespace CloudPbx.Data.Keys;

/// <summary>A tenant's data key for those who need it again and again: opened when it is first needed, then kept.</summary>
/// <param name="keyring">The keyring that can open it.</param>
/// <param name="key">The tenant's key.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed class KeptTenantKey(TenantKeyring keyring, TenantKey key)
{
    private OpenedTenantKey? _opened;

    /// <summary>Gives the opened key; <see langword="null"/> where the tenant was shredded or the platform key is another.</summary>
    public OpenedTenantKey? TryOpen()
    {
        if (Volatile.Read(ref _opened) is { } known)
            return known;
        try
        {
            OpenedTenantKey opened = keyring.Open(key);           // two that come at once open it twice, and one is forgotten
            Volatile.Write(ref _opened, opened);
            return opened;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
