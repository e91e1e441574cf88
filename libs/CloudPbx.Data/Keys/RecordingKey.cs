using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>A recording has a key of its own; it lies in the database, sealed by the tenant's. Deleting the tenant's key shreds them all.</summary>
public static class RecordingKey
{
    /// <summary>Seals a recording's key.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="recording">Which recording: it opens for no other.</param>
    /// <param name="recordingKey">The key.</param>
    public static byte[] Seal(TenantKeyring keyring, TenantKey key, RecordingId recording, ReadOnlySpan<byte> recordingKey)
    {
        ArgumentNullException.ThrowIfNull(keyring);
        return keyring.Seal(key, Place(recording), recordingKey);
    }

    /// <summary>Opens a recording's key.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="key">The tenant's key.</param>
    /// <param name="recording">Which recording.</param>
    /// <param name="sealedKey">What <see cref="Seal"/> gave.</param>
    /// <returns>The key; null where the tenant was shredded or the platform key is another.</returns>
    public static byte[]? Open(TenantKeyring keyring, TenantKey key, RecordingId recording, ReadOnlySpan<byte> sealedKey)
    {
        ArgumentNullException.ThrowIfNull(keyring);
        return keyring.Open(key, Place(recording), sealedKey);
    }

    private static string Place(RecordingId recording) => $"recording/{recording}/key";
}
