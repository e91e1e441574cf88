using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Security;

/// <summary>
/// What most packets need of a <see cref="SrtpContext"/>, in a few cache lines outside of the managed heap: the source that was heard last, and the keys of RTP. Who has thousands
/// of contexts that take turns can protect and open by this alone; all else is the context's.
/// </summary>
/// <remarks>The context's own, and of its thread; gone when that is disposed of. Both work on the same source, so that they may take turns. Allocation-free.</remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct SrtpState
{
    /// <summary>How much of it a packet touches, in octets.</summary>
    public const int Octets = 384;

    internal SrtpSource First;              // of sources: the one whose packet was taken last
    internal long Clock;                    // counts packets: which source was heard last
    internal nint Galois;                   // libcrypto's context, the transform's own; 0 in counter mode
    internal ulong SaltHigh, SaltLow;       // as the transforms have them
    internal HmacSha1States Hmac;
    internal int TagLength;
    internal AesRoundKeys Keys;

    /// <summary>Whether the source heard last is this one.</summary>
    /// <param name="ssrc">The source.</param>
    /// <returns>False also before its first packet.</returns>
    public readonly bool Knows(uint ssrc) => First.LastHeard != 0 && First.Ssrc == ssrc && First.Rtp.HasAny;

    /// <summary>Verifies and decrypts the packet that follows the last one of its source (RFC 3711 §3.3): its roll-over counter is known, and it cannot have come before.</summary>
    /// <param name="packet">The protected packet, whose header is the fixed one alone; changed only if it is genuine.</param>
    /// <param name="length">Octets of the plain packet.</param>
    /// <returns>False: it is not that, or not genuine. Nothing was learnt from it; <see cref="SrtpContext.UnprotectRtp"/> tells what it is.</returns>
    [SkipLocalsInit]
    public bool TryOpenNext(Span<byte> packet, out int length)
    {
        length = packet.Length - TagLength;
        if (length < RtpPacket.FixedHeaderLength || packet.Length > SrtpContext.MaxPacketLength)
            return false;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        ulong index = First.Rtp.Highest + 1;            // over a wrap, too: then the counter is the next one (§3.3.1)
        if (!Knows(ssrc) || First.Resynchronise || (ushort)index != BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) || index >> 48 != 0)
            return false;
        if (Galois != 0)
        {
            Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
            AeadTransform.WriteNonce(SaltHigh, (uint)SaltLow, ssrc, index, nonce);
            if (!LibcryptoGaloisMode.TryOpen(Galois, nonce, packet[..RtpPacket.FixedHeaderLength], packet[RtpPacket.FixedHeaderLength..length], packet[length..]))
                return false;
        }
        else
        {
            Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
            Hmac.Compute(packet[..length], (uint)(index >> 16), digest);
            if (!CryptographicOperations.FixedTimeEquals(digest[..TagLength], packet[length..]))
                return false;
            Crypt(packet[RtpPacket.FixedHeaderLength..length], ssrc, index);
        }
        First.Rtp.Accept(index);
        First.LastHeard = ++Clock;
        return true;
    }

    /// <summary>Encrypts a packet of the source that was heard last in place and appends its tag (RFC 3711 §3.3).</summary>
    /// <param name="buffer">The packet, whose header is the fixed one alone, followed by room for the tag.</param>
    /// <param name="length">Octets of the packet.</param>
    /// <param name="protectedLength">Octets of the protected packet.</param>
    /// <returns>As <see cref="SrtpContext.ProtectRtp"/>; <see cref="SrtpError.Malformed"/> also for another source's packet.</returns>
    [SkipLocalsInit]
    public SrtpError Protect(Span<byte> buffer, int length, out int protectedLength)
    {
        protectedLength = 0;
        if (length < RtpPacket.FixedHeaderLength)
            return SrtpError.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        if (!Knows(ssrc))
            return SrtpError.Malformed;
        if (buffer.Length - length < TagLength)
            return SrtpError.NoRoom;
        ulong index = First.EstimateIndex(BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]));
        if (First.Rtp.IsReplay(index))
            return SrtpError.Replay;
        if (index >> 48 != 0)
            return SrtpError.KeyExhausted;
        Span<byte> payload = buffer[RtpPacket.FixedHeaderLength..length], tag = buffer.Slice(length, TagLength);
        if (Galois != 0)
        {
            Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
            AeadTransform.WriteNonce(SaltHigh, (uint)SaltLow, ssrc, index, nonce);
            LibcryptoGaloisMode.Seal(Galois, nonce, buffer[..RtpPacket.FixedHeaderLength], payload, tag);
        }
        else
        {
            Crypt(payload, ssrc, index);
            Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
            Hmac.Compute(buffer[..length], (uint)(index >> 16), digest);
            digest[..TagLength].CopyTo(tag);
        }
        First.Rtp.Accept(index);
        First.LastHeard = ++Clock;
        protectedLength = length + TagLength;
        return SrtpError.None;
    }

    private readonly void Crypt(Span<byte> data, uint ssrc, ulong index)
    {
        Span<byte> counter = stackalloc byte[16];
        CounterModeTransform.WriteCounter(SaltHigh, SaltLow, ssrc, index, counter);
        Keys.Apply(data, counter);
    }
}
