namespace CloudPbx.Rtp.Security;

/// <summary>AES in Galois counter mode with nonces of 12 and tags of 16 octets (RFC 5116 §5.1), in place.</summary>
internal abstract class AesGaloisMode : IDisposable
{
    public const int NonceLength = 12;
    public const int TagLength = 16;

    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag);

    /// <summary>Decrypts if the tag is right; the data are unchanged if not.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag);

    public abstract void Dispose();
}
