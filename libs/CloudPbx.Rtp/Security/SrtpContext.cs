using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Security;

/// <summary>
/// SRTP and SRTCP under one master key (RFC 3711), in place. One instance serves one direction: what we send, or what one peer sends.
/// </summary>
/// <remarks>
/// Allocation-free per packet. Not thread-safe: one instance on one loop. A packet teaches nothing (no
/// source, no roll-over, no replay entry) before its tag is verified. Dispose it to wipe the keys.
/// </remarks>
public sealed class SrtpContext : IDisposable
{
    /// <summary>Octets of the tag on RTCP, in every profile (RFC 3711 §5.2, RFC 4568 §6.2.2).</summary>
    public const int RtcpTagLength = 10;

    /// <summary>Octets that protection adds to an RTCP packet: index and tag.</summary>
    public const int RtcpOverhead = 4 + RtcpTagLength;

    /// <summary>Sources followed at a time; the least recently heard gives way.</summary>
    public const int MaxSources = 16;

    private const uint EncryptedFlag = 0x8000_0000;
    private const uint MaxRtcpIndex = 0x7FFF_FFFF;
    private const int RtcpHeaderLength = 8;
    private const int DigestLength = 20;

    private readonly int _tagLength;
    private readonly SrtpKeys _rtp, _rtcp;
    private readonly SrtpSource[] _sources = new SrtpSource[MaxSources];
    private long _clock;                    // counts packets: which source was heard last
    private bool _disposed;

    /// <summary>Derives the session keys (RFC 3711 §4.3, key derivation rate 0).</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="masterKey">16 octets.</param>
    /// <param name="masterSalt">14 octets.</param>
    public SrtpContext(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
        : this(profile, masterKey, masterSalt, SrtpPrimitives.Fastest)
    {
    }

    internal SrtpContext(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, SrtpPrimitives primitives)
    {
        if (masterKey.Length != SrtpProfiles.KeyLength)
            throw new ArgumentException("A master key has 16 octets.", nameof(masterKey));
        if (masterSalt.Length != SrtpProfiles.SaltLength)
            throw new ArgumentException("A master salt has 14 octets.", nameof(masterSalt));
        Profile = profile;
        _tagLength = profile.RtpTagLength();
        _rtp = new SrtpKeys(masterKey, masterSalt, firstLabel: 0, primitives);
        _rtcp = new SrtpKeys(masterKey, masterSalt, firstLabel: 3, primitives);
    }

    /// <summary>Derives the session keys from the 30 octets of an <c>a=crypto</c> line.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="keySalt">Master key and master salt, 30 octets.</param>
    /// <returns>The context.</returns>
    public static SrtpContext FromKeySalt(SrtpProfile profile, ReadOnlySpan<byte> keySalt)
    {
        if (keySalt.Length != SrtpProfiles.KeySaltLength)
            throw new ArgumentException("Key and salt have 30 octets.", nameof(keySalt));
        return new SrtpContext(profile, keySalt[..SrtpProfiles.KeyLength], keySalt[SrtpProfiles.KeyLength..]);
    }

    /// <summary>The profile.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>Octets that protection adds to an RTP packet.</summary>
    public int RtpOverhead => _tagLength;

    /// <summary>Encrypts an RTP packet in place and appends its tag (§3.3).</summary>
    /// <param name="buffer">The packet, followed by room for <see cref="RtpOverhead"/> octets.</param>
    /// <param name="length">Octets of the packet.</param>
    /// <param name="protectedLength">Octets of the protected packet.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Sending a sequence number twice is <see cref="SrtpError.Replay"/>: two packets must never share a key stream.</returns>
    public SrtpError ProtectRtp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        protectedLength = 0;
        if (RtpHeader.Measure(buffer[..length], out int headerLength) != RtpParseError.None)
            return SrtpError.Malformed;
        if (buffer.Length - length < _tagLength)
            return SrtpError.NoRoom;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        ref SrtpSource source = ref SourceOf(ssrc, out bool known);
        if (!known)
            source = new SrtpSource(ssrc);
        source.LastHeard = ++_clock;
        ulong index = source.EstimateIndex(BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]));
        if (source.Rtp.IsReplay(index))
            return SrtpError.Replay;
        if (index >> 48 != 0)
            return SrtpError.KeyExhausted;
        _rtp.Apply(buffer[headerLength..length], ssrc, index);
        Span<byte> digest = stackalloc byte[DigestLength];
        _rtp.Authenticate(buffer[..length], (uint)(index >> 16), digest);
        digest[.._tagLength].CopyTo(buffer[length..]);
        source.Rtp.Accept(index);
        protectedLength = length + _tagLength;
        return SrtpError.None;
    }

    /// <summary>Verifies and decrypts an SRTP packet in place (§3.3).</summary>
    /// <param name="packet">The protected packet; changed only if the result is <see cref="SrtpError.None"/>.</param>
    /// <param name="length">Octets of the plain packet.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Never throws for what a peer sent.</returns>
    public SrtpError UnprotectRtp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        length = 0;
        if (RtpHeader.Measure(packet, out int headerLength) != RtpParseError.None || packet.Length - headerLength < _tagLength)
            return SrtpError.Malformed;
        int plain = packet.Length - _tagLength;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        ref SrtpSource slot = ref SourceOf(ssrc, out bool known);
        SrtpSource source = known ? slot : new SrtpSource(ssrc);
        ulong index = source.EstimateIndex(sequence);
        // While resynchronising the window may belong to another counter: the tag decides first, the window after.
        if (!source.Resynchronise && source.Rtp.IsReplay(index))
            return SrtpError.Replay;
        if (!IsAuthentic(packet, plain, index))
        {
            if (!source.Resynchronise || !TryOtherCounters(packet, plain, ref source, sequence, ref index))
                return SrtpError.Authentication;
        }
        else if (source.Rtp.IsReplay(index))
        {
            return SrtpError.Replay;
        }
        _rtp.Apply(packet[headerLength..plain], ssrc, index);
        source.Rtp.Accept(index);
        source.Resynchronise = false;
        source.LastHeard = ++_clock;
        slot = source;
        length = plain;
        return SrtpError.None;
    }

    /// <summary>Encrypts an RTCP compound in place and appends index and tag (§3.4).</summary>
    /// <param name="buffer">The compound, followed by room for <see cref="RtcpOverhead"/> octets.</param>
    /// <param name="length">Octets of the compound.</param>
    /// <param name="protectedLength">Octets of the protected compound.</param>
    /// <returns><see cref="SrtpError.None"/> or why not.</returns>
    public SrtpError ProtectRtcp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        protectedLength = 0;
        if (length < RtcpHeaderLength || buffer[0] >> 6 != 2)
            return SrtpError.Malformed;
        if (buffer.Length - length < RtcpOverhead)
            return SrtpError.NoRoom;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        ref SrtpSource source = ref SourceOf(ssrc, out bool known);
        if (!known)
            source = new SrtpSource(ssrc);
        source.LastHeard = ++_clock;
        uint index = source.NextRtcpIndex;
        if (index > MaxRtcpIndex)
            return SrtpError.KeyExhausted;
        source.NextRtcpIndex = index + 1;
        _rtcp.Apply(buffer[RtcpHeaderLength..length], ssrc, index);
        uint word = EncryptedFlag | index;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], word);
        Span<byte> digest = stackalloc byte[DigestLength];
        _rtcp.Authenticate(buffer[..length], word, digest);
        digest[..RtcpTagLength].CopyTo(buffer[(length + 4)..]);
        protectedLength = length + RtcpOverhead;
        return SrtpError.None;
    }

    /// <summary>Verifies and decrypts an SRTCP compound in place (§3.4).</summary>
    /// <param name="packet">The protected compound; changed only if the result is <see cref="SrtpError.None"/>.</param>
    /// <param name="length">Octets of the plain compound.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Never throws for what a peer sent.</returns>
    public SrtpError UnprotectRtcp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        length = 0;
        int plain = packet.Length - RtcpOverhead;
        if (plain < RtcpHeaderLength || packet[0] >> 6 != 2)
            return SrtpError.Malformed;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[plain..]);
        uint index = word & ~EncryptedFlag;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        ref SrtpSource slot = ref SourceOf(ssrc, out bool known);
        SrtpSource source = known ? slot : new SrtpSource(ssrc);
        if (source.Rtcp.IsReplay(index))
            return SrtpError.Replay;
        Span<byte> digest = stackalloc byte[DigestLength];
        _rtcp.Authenticate(packet[..plain], word, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..RtcpTagLength], packet[(plain + 4)..]))
            return SrtpError.Authentication;
        if ((word & EncryptedFlag) != 0)
            _rtcp.Apply(packet[RtcpHeaderLength..plain], ssrc, index);
        source.Rtcp.Accept(index);
        source.LastHeard = ++_clock;
        slot = source;
        length = plain;
        return SrtpError.None;
    }

    /// <summary>The place in the stream of a source: what another node needs to go on.</summary>
    /// <param name="ssrc">The source.</param>
    /// <param name="rolloverCounter">Its roll-over counter.</param>
    /// <param name="highestSequence">Its highest sequence number under that counter.</param>
    /// <returns>False if no packet of this source was protected or accepted.</returns>
    public bool TryGetPosition(uint ssrc, out uint rolloverCounter, out ushort highestSequence)
    {
        ref SrtpSource source = ref SourceOf(ssrc, out bool known);
        bool found = known && source.Rtp.HasAny;
        ulong highest = found ? source.Rtp.Highest : 0;
        (rolloverCounter, highestSequence) = ((uint)(highest >> 16), (ushort)highest);
        return found;
    }

    /// <summary>
    /// Expects a source at a place that this context has not seen itself (another node's snapshot, a re-key). Until a packet
    /// authenticates, this counter, the next and 0 are tried.
    /// </summary>
    /// <param name="ssrc">The source.</param>
    /// <param name="rolloverCounter">Its last known roll-over counter.</param>
    /// <param name="highestSequence">Its last known sequence number.</param>
    public void Expect(uint ssrc, uint rolloverCounter, ushort highestSequence)
    {
        ref SrtpSource source = ref SourceOf(ssrc, out _);
        source = new SrtpSource(ssrc) { LastHeard = ++_clock, Resynchronise = true };
        source.Rtp.Accept(((ulong)rolloverCounter << 16) | highestSequence);
    }

    /// <summary>Expects all sources of a context whose key this one replaces: the counter is usually kept on a re-key (INTEROP I62).</summary>
    /// <param name="previous">The context of the old key; it stays usable.</param>
    public void ExpectSourcesOf(SrtpContext previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        foreach (ref readonly SrtpSource source in previous._sources.AsSpan())
        {
            if (source.LastHeard != 0 && source.Rtp.HasAny)
                Expect(source.Ssrc, (uint)(source.Rtp.Highest >> 16), (ushort)source.Rtp.Highest);
        }
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private bool IsAuthentic(ReadOnlySpan<byte> packet, int plain, ulong index)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        _rtp.Authenticate(packet[..plain], (uint)(index >> 16), digest);
        return CryptographicOperations.FixedTimeEquals(digest[.._tagLength], packet[plain..]);
    }

    private bool TryOtherCounters(ReadOnlySpan<byte> packet, int plain, ref SrtpSource source, ushort sequence, ref ulong index)
    {
        uint last = (uint)(source.Rtp.Highest >> 16);
        foreach (uint counter in (ReadOnlySpan<uint>)[last, unchecked(last + 1), 0])
        {
            ulong other = ((ulong)counter << 16) | sequence;
            if (other == index || !IsAuthentic(packet, plain, other))
                continue;
            source = new SrtpSource(source.Ssrc) { NextRtcpIndex = source.NextRtcpIndex, Rtcp = source.Rtcp };
            index = other;
            return true;
        }
        return false;
    }

    /// <summary>The source's slot, or the slot that a new source would take: a free one, else the one not heard for longest.</summary>
    private ref SrtpSource SourceOf(uint ssrc, out bool known)
    {
        int oldest = 0;
        for (int i = 0; i < _sources.Length; i++)
        {
            ref SrtpSource source = ref _sources[i];
            if (source.LastHeard != 0 && source.Ssrc == ssrc)
            {
                known = true;
                return ref source;
            }
            if (source.LastHeard < _sources[oldest].LastHeard)
                oldest = i;
        }
        known = false;
        return ref _sources[oldest];
    }
}
