using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>Seals what must not be read in a database dump: AES-256-GCM with a data key per tenant, which the platform key wraps. Deleting the wrapped key shreds the tenant.</summary>
/// <remarks>Thread-safe. Sealed form: version 1, [platform key id, 4 octets, wrapped keys only], nonce 12, tag 16, cipher text.</remarks>
public sealed class TenantKeyring(PlatformKey platform)
{
    private const byte FormatVersion = 1;
    private const int KeyIdLength = 4;

    /// <summary>Opens what is the platform's own: tenants use its shared trunks.</summary>
    internal PlatformSeal PlatformSeal { get; } = new(platform);

    /// <summary>Makes a data key for a new tenant.</summary>
    /// <param name="tenant">Whose.</param>
    public TenantKey CreateKey(TenantId tenant)
    {
        Span<byte> dataKey = stackalloc byte[PlatformKey.KeyLength];
        RandomNumberGenerator.Fill(dataKey);
        (uint id, byte[] wrapping) = platform.Current;
        byte[] wrapped = new byte[1 + KeyIdLength + SealedBox.Overhead + dataKey.Length];
        wrapped[0] = FormatVersion;
        BinaryPrimitives.WriteUInt32BigEndian(wrapped.AsSpan(1), id);
        SealedBox.Seal(wrapping, KeyContext(tenant), dataKey, wrapped.AsSpan(1 + KeyIdLength));
        CryptographicOperations.ZeroMemory(dataKey);
        return new TenantKey(tenant, wrapped);
    }

    /// <summary>Seals a value.</summary>
    /// <param name="key">The tenant's key.</param>
    /// <param name="place">What the value is and whose, for example <c>device/ID/secret</c>: it opens in the same place only.</param>
    /// <param name="clear">The value.</param>
    /// <exception cref="CryptographicException">The tenant's key cannot be opened by this installation's platform key.</exception>
    public byte[] Seal(TenantKey key, string place, ReadOnlySpan<byte> clear)
    {
        Span<byte> dataKey = stackalloc byte[PlatformKey.KeyLength];
        Unwrap(key, dataKey);
        byte[] output = NewValue(clear.Length);
        SealedBox.Seal(dataKey, ValueContext(key.TenantId, place), clear, BoxOf(output));
        CryptographicOperations.ZeroMemory(dataKey);
        return output;
    }

    /// <summary>Opens a tenant's key for those who seal or open by it many times a second.</summary>
    /// <param name="key">The tenant's key.</param>
    /// <exception cref="CryptographicException">The tenant's key cannot be opened by this installation's platform key.</exception>
    internal OpenedTenantKey Open(TenantKey key)
    {
        Span<byte> dataKey = stackalloc byte[PlatformKey.KeyLength];
        Unwrap(key, dataKey);
        OpenedTenantKey opened = new(key.TenantId, dataKey);
        CryptographicOperations.ZeroMemory(dataKey);
        return opened;
    }

    /// <summary>Opens a sealed value.</summary>
    /// <param name="key">The tenant's key.</param>
    /// <param name="place">What was said when it was sealed.</param>
    /// <param name="value">The sealed value.</param>
    /// <returns>The value, or <see langword="null"/> where key, place or octets do not fit.</returns>
    public byte[]? Open(TenantKey key, string place, ReadOnlySpan<byte> value)
    {
        if (!TryFindBox(value, out ReadOnlySpan<byte> box))
            return null;
        Span<byte> dataKey = stackalloc byte[PlatformKey.KeyLength];
        if (!TryUnwrap(key, dataKey))
            return null;
        byte[] clear = new byte[box.Length - SealedBox.Overhead];
        bool opened = SealedBox.TryOpen(dataKey, ValueContext(key.TenantId, place), box, clear);
        CryptographicOperations.ZeroMemory(dataKey);
        return opened ? clear : null;
    }

    private static byte[] KeyContext(TenantId tenant) => Encoding.UTF8.GetBytes($"cloudpbx/key/{tenant}");

    internal static byte[] ValueContext(TenantId tenant, string place) => Encoding.UTF8.GetBytes($"cloudpbx/value/{tenant}/{place}");

    internal static byte[] NewValue(int clearLength)
    {
        byte[] value = new byte[1 + SealedBox.Overhead + clearLength];
        value[0] = FormatVersion;
        return value;
    }

    internal static Span<byte> BoxOf(byte[] value) => value.AsSpan(1);

    internal static bool TryFindBox(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> box)
    {
        bool found = value.Length >= 1 + SealedBox.Overhead && value[0] == FormatVersion;
        box = found ? value[1..] : default;
        return found;
    }

    private void Unwrap(TenantKey key, Span<byte> dataKey)
    {
        if (!TryUnwrap(key, dataKey))
            throw new CryptographicException("The tenant's key was wrapped by another platform key. Restore the installation's platform key file.");
    }

    private bool TryUnwrap(TenantKey key, Span<byte> dataKey)
    {
        ReadOnlySpan<byte> wrapped = key.Wrapped.Span;
        return wrapped.Length == 1 + KeyIdLength + SealedBox.Overhead + PlatformKey.KeyLength
            && wrapped[0] == FormatVersion
            && platform.Find(BinaryPrimitives.ReadUInt32BigEndian(wrapped[1..])) is { } wrapping
            && SealedBox.TryOpen(wrapping, KeyContext(key.TenantId), wrapped[(1 + KeyIdLength)..], dataKey);
    }
}
