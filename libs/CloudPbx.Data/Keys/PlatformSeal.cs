using System.Buffers.Binary;
using System.Text;

namespace CloudPbx.Data.Keys;

/// <summary>Seals what is the platform's own (signing keys, second factors) directly under the platform key, which is not in the database.</summary>
/// <remarks>Thread-safe. Sealed form: version 1, platform key id 4, nonce 12, tag 16, cipher text.</remarks>
public sealed class PlatformSeal(PlatformKey platform)
{
    private const byte FormatVersion = 1;
    private const int HeadLength = 1 + sizeof(uint);

    /// <summary>Seals a value.</summary>
    /// <param name="place">What the value is and whose, for example <c>user/ID/authenticator</c>: it opens in the same place only.</param>
    /// <param name="clear">The value.</param>
    public byte[] Seal(string place, ReadOnlySpan<byte> clear)
    {
        (uint id, byte[] key) = platform.Current;
        byte[] output = new byte[HeadLength + SealedBox.Overhead + clear.Length];
        output[0] = FormatVersion;
        BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(1), id);
        SealedBox.Seal(key, Context(place), clear, output.AsSpan(HeadLength));
        return output;
    }

    /// <summary>Opens a sealed value.</summary>
    /// <param name="place">What was said when it was sealed.</param>
    /// <param name="value">The sealed value.</param>
    /// <returns>The value, or <see langword="null"/> where key, place or octets do not fit.</returns>
    public byte[]? Open(string place, ReadOnlySpan<byte> value)
    {
        if (value.Length < HeadLength + SealedBox.Overhead || value[0] != FormatVersion || platform.Find(BinaryPrimitives.ReadUInt32BigEndian(value[1..])) is not { } key)
            return null;
        byte[] clear = new byte[value.Length - HeadLength - SealedBox.Overhead];
        return SealedBox.TryOpen(key, Context(place), value[HeadLength..], clear) ? clear : null;
    }

    private static byte[] Context(string place) => Encoding.UTF8.GetBytes($"cloudpbx/platform/{place}");
}
