using System.Diagnostics.CodeAnalysis;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>A device's SIP password, opened only when it is needed. Never shows itself in a log.</summary>
public sealed class DeviceSecret
{
    private readonly KeptTenantKey _key;
    private readonly DeviceId _device;
    private readonly byte[] _sealed;

    /// <summary>Takes a sealed password.</summary>
    /// <param name="keyring">The keyring that can open it.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="device">Whose it is.</param>
    /// <param name="sealedSecret">What <see cref="Seal"/> gave.</param>
    public DeviceSecret(TenantKeyring keyring, TenantKey key, DeviceId device, byte[] sealedSecret)
        : this(new KeptTenantKey(keyring, key), device, sealedSecret)
    {
    }

    /// <summary>Takes a sealed password of a tenant whose devices share its key.</summary>
    internal DeviceSecret(KeptTenantKey key, DeviceId device, byte[] sealedSecret) => (_key, _device, _sealed) = (key, device, sealedSecret);

    /// <summary>Opens the password.</summary>
    /// <param name="secret">The password in clear: keep it no longer than the digest takes.</param>
    /// <returns>Whether it could be opened; otherwise the tenant was shredded or the platform key is another.</returns>
    public bool TryOpen([NotNullWhen(true)] out string? secret)
    {
        byte[]? clear = _key.TryOpen()?.Open(Place(_device), _sealed);
        secret = clear is null ? null : Encoding.UTF8.GetString(clear);
        return secret is not null;
    }

    /// <summary>Gives no secret away.</summary>
    public override string ToString() => "(sealed)";

    /// <summary>Seals a device's password.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="device">Which device: the sealed password opens for no other.</param>
    /// <param name="secret">The password in clear.</param>
    public static byte[] Seal(TenantKeyring keyring, TenantKey key, DeviceId device, string secret) =>
        keyring.Seal(key, Place(device), Encoding.UTF8.GetBytes(secret));

    private static string Place(DeviceId device) => $"device/{device}/secret";
}
