using System.Security.Cryptography;

namespace CloudPbx.Data.Keys;

/// <summary>AES-256-GCM with a random nonce: nonce 12, tag 16, cipher text.</summary>
internal static class SealedBox
{
    public const int NonceLength = 12;
    public const int TagLength = 16;

    /// <summary>What is added to the clear text's length.</summary>
    public const int Overhead = NonceLength + TagLength;

    /// <summary>Encrypts.</summary>
    /// <param name="key">32 octets.</param>
    /// <param name="context">What is authenticated beside it.</param>
    /// <param name="clear">The clear text.</param>
    /// <param name="output">Room for <see cref="Overhead"/> and the clear text.</param>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> clear, Span<byte> output)
    {
        using AesGcm cipher = new(key, TagLength);
        Seal(cipher, context, clear, output);
    }

    /// <summary>The same with a cipher that has its key.</summary>
    public static void Seal(AesGcm cipher, ReadOnlySpan<byte> context, ReadOnlySpan<byte> clear, Span<byte> output)
    {
        Span<byte> nonce = output[..NonceLength];
        RandomNumberGenerator.Fill(nonce);
        cipher.Encrypt(nonce, clear, output[Overhead..], output.Slice(NonceLength, TagLength), context);
    }

    /// <summary>Decrypts.</summary>
    /// <returns>Whether key, context and octets fit.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> input, Span<byte> clear)
    {
        using AesGcm cipher = new(key, TagLength);
        return TryOpen(cipher, context, input, clear);
    }

    /// <summary>The same with a cipher that has its key.</summary>
    public static bool TryOpen(AesGcm cipher, ReadOnlySpan<byte> context, ReadOnlySpan<byte> input, Span<byte> clear)
    {
        try
        {
            cipher.Decrypt(input[..NonceLength], input[Overhead..], input.Slice(NonceLength, TagLength), clear, context);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
