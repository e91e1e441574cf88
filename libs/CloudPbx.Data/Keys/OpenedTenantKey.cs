using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>A tenant's data key, opened once for what is sealed or opened with each call and each registration: opening the key takes longer than that. It stands in memory for as long as it is held, as does the platform key that opens it.</summary>
/// <remarks>Thread-safe. The form is that of <see cref="TenantKeyring"/>, which opens what this seals, and the other way round.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as a configuration, which nobody disposes of; its native part has a finalizer.")]
internal sealed class OpenedTenantKey
{
    private readonly Lock _gate = new();                          // held for one value: the cipher has one state
    private readonly AesGcm _cipher;
    private readonly TenantId _tenant;

    /// <param name="tenant">Whose.</param>
    /// <param name="dataKey">The key; a copy is kept inside the cipher.</param>
    public OpenedTenantKey(TenantId tenant, ReadOnlySpan<byte> dataKey) => (_tenant, _cipher) = (tenant, new AesGcm(dataKey, SealedBox.TagLength));

    /// <summary>Seals a value as <see cref="TenantKeyring.Seal"/> does.</summary>
    /// <param name="place">What the value is and whose: it opens in the same place only.</param>
    /// <param name="clear">The value.</param>
    public byte[] Seal(string place, ReadOnlySpan<byte> clear)
    {
        byte[] output = TenantKeyring.NewValue(clear.Length);
        byte[] context = TenantKeyring.ValueContext(_tenant, place);
        lock (_gate)
            SealedBox.Seal(_cipher, context, clear, TenantKeyring.BoxOf(output));
        return output;
    }

    /// <summary>Opens a value as <see cref="TenantKeyring.Open(TenantKey, string, ReadOnlySpan{byte})"/> does.</summary>
    /// <param name="place">What was said when it was sealed.</param>
    /// <param name="value">The sealed value.</param>
    /// <returns>The value, or <see langword="null"/> where place or octets do not fit.</returns>
    public byte[]? Open(string place, ReadOnlySpan<byte> value)
    {
        if (!TenantKeyring.TryFindBox(value, out ReadOnlySpan<byte> box))
            return null;
        byte[] clear = new byte[box.Length - SealedBox.Overhead];
        byte[] context = TenantKeyring.ValueContext(_tenant, place);
        lock (_gate)
            return SealedBox.TryOpen(_cipher, context, box, clear) ? clear : null;
    }
}
