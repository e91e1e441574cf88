namespace CloudPbx.Rtp.Security;

/// <summary>
/// A cryptographic transform with its session keys (RFC 3711 §4): it seals and opens packets whose place in the stream is known. All in place; the packet
/// ends with the transform's trailer.
/// </summary>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>Octets before the encrypted part of an RTCP compound: header and sender's SSRC (RFC 3711 §3.4).</summary>
    protected const int RtcpHeaderLength = 8;

    /// <summary>In the word of an RTCP packet: its payload is encrypted (RFC 3711 §3.4).</summary>
    public const uint EncryptedFlag = 0x8000_0000;

    /// <param name="packet">The plain packet and room for the tag.</param>
    /// <param name="headerLength">Octets that stay readable.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="index">48 bits: roll-over counter and sequence number.</param>
    public abstract void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index);

    /// <param name="packet">The protected packet; unchanged unless it is genuine.</param>
    /// <param name="headerLength">Octets that stay readable.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="index">48 bits: roll-over counter and sequence number.</param>
    public abstract bool TryOpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index);

    /// <param name="packet">The plain compound and room for tag and word.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="index">31 bits.</param>
    public abstract void SealRtcp(Span<byte> packet, uint ssrc, uint index);

    /// <summary>Where the word stands that holds the index and <see cref="EncryptedFlag"/>.</summary>
    public abstract int RtcpWordOffset(int length);

    /// <param name="packet">The protected compound; unchanged unless it is genuine.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="word">The packet's own word.</param>
    public abstract bool TryOpenRtcp(Span<byte> packet, uint ssrc, uint word);

    /// <summary>Asks for the keys of RTP to be in the processor's cache soon.</summary>
    public virtual void FetchKeys()
    {
    }

    /// <summary>Copies the keys of RTP.</summary>
    /// <returns>False where what they are for is not to be had on this machine.</returns>
    public abstract bool TryCopyTo(ref SrtpState state);

    public abstract void Dispose();
}
