using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>GCM by the base class library: four times slower than <see cref="LibcryptoGaloisMode"/>, available everywhere.</summary>
internal sealed class PlatformGaloisMode(ReadOnlySpan<byte> key) : AesGaloisMode
{
    private readonly AesGcm _gcm = new(key, TagLength);

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag) =>
        _gcm.Encrypt(nonce, data, data, tag, associated);

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        Span<byte> plain = stackalloc byte[SrtpContext.MaxPacketLength];
        if (data.Length > plain.Length)
            return false;
        plain = plain[..data.Length];
        try
        {
            _gcm.Decrypt(nonce, data, tag, plain, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        plain.CopyTo(data);
        return true;
    }

    public override void Dispose() => _gcm.Dispose();
}
