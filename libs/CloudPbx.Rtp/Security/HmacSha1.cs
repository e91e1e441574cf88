namespace CloudPbx.Rtp.Security;

/// <summary>HMAC-SHA1 (RFC 2104) over a packet followed by one big-endian word.</summary>
internal abstract class HmacSha1 : IDisposable
{
    public const int DigestLength = 20;

    /// <summary>Computes the whole digest.</summary>
    /// <param name="packet">The packet's authenticated part.</param>
    /// <param name="word">The roll-over counter, or the SRTCP index with its flag.</param>
    /// <param name="digest">20 octets.</param>
    public abstract void Compute(ReadOnlySpan<byte> packet, uint word, Span<byte> digest);

    public abstract void Dispose();
}
