using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CloudPbx.Net.Memory;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Security;

/// <summary>
/// SRTP and SRTCP under one master key (RFC 3711, RFC 6188, RFC 7714), in place. One instance serves one direction: what we send, or what one peer sends.
/// </summary>
/// <remarks>
/// Allocation-free per packet. Not thread-safe: one instance on one loop. A packet teaches nothing (no
/// source, no roll-over, no replay entry) before its tag is verified. Dispose it to wipe the keys and to free their memory.
/// </remarks>
public sealed unsafe class SrtpContext : IDisposable
{
    /// <summary>Octets of the longest packet that is taken: no link carries one as long, and scratch space is as large.</summary>
    public const int MaxPacketLength = 2048;

    /// <summary>Sources followed at a time; the least recently heard gives way.</summary>
    public const int MaxSources = 16;

    private const uint MaxRtcpIndex = 0x7FFF_FFFF;
    private const int RtcpHeaderLength = 8;
    private const int Line = 64;
    private const uint LongestSearch = 64;  // roll-overs: a day of packets of 20 ms
    private const int Searches = 50;        // packets that may fail all of them: strangers' packets must not cost that much for ever

    private readonly SrtpTransform _transform;
    private readonly SrtpSource[] _others = new SrtpSource[MaxSources - 1];    // a sender has one SSRC; that is the state's
    private readonly bool _suffices;
    private SrtpState* _state;              // null once it is disposed of
    private int _searches;

    /// <summary>Derives the session keys (RFC 3711 §4.3, key derivation rate 0).</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="masterKey">As many octets as the profile's keys have.</param>
    /// <param name="masterSalt">As many octets as the profile's salts have.</param>
    public SrtpContext(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
        : this(profile, masterKey, masterSalt, SrtpPrimitives.Fastest)
    {
    }

    internal SrtpContext(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, SrtpPrimitives primitives)
    {
        if (masterKey.Length != profile.KeyLength())
            throw new ArgumentException($"A master key has {profile.KeyLength()} octets.", nameof(masterKey));
        if (masterSalt.Length != profile.SaltLength())
            throw new ArgumentException($"A master salt has {profile.SaltLength()} octets.", nameof(masterSalt));
        Profile = profile;
        RtpOverhead = profile.RtpTagLength();
        RtcpOverhead = 4 + profile.RtcpTagLength();
        _transform = profile.IsAead() ? new AeadTransform(masterKey, masterSalt, primitives) : new CounterModeTransform(profile, masterKey, masterSalt, primitives);
        _state = (SrtpState*)NativeMemory.AlignedAlloc((nuint)sizeof(SrtpState), Line);
        *_state = default;
        _suffices = _transform.TryCopyTo(ref *_state);
    }

    /// <summary>Derives the session keys from what an <c>a=crypto</c> line holds.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="keySalt">Master key and master salt, <see cref="SrtpProfiles.KeySaltLength"/> octets.</param>
    /// <returns>The context.</returns>
    public static SrtpContext FromKeySalt(SrtpProfile profile, ReadOnlySpan<byte> keySalt)
    {
        if (keySalt.Length != profile.KeySaltLength())
            throw new ArgumentException($"Key and salt have {profile.KeySaltLength()} octets.", nameof(keySalt));
        return new SrtpContext(profile, keySalt[..profile.KeyLength()], keySalt[profile.KeyLength()..]);
    }

    /// <summary>The profile.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>Octets that protection adds to an RTP packet.</summary>
    public int RtpOverhead { get; }

    /// <summary>Octets that protection adds to an RTCP packet: index and tag.</summary>
    public int RtcpOverhead { get; }

    /// <summary>What suffices for most packets; null on a machine whose processor or libraries lack what it is made for, and when the context is disposed of.</summary>
    public SrtpState* State => _suffices ? _state : null;

    /// <summary>Encrypts an RTP packet in place and appends its tag (§3.3).</summary>
    /// <param name="buffer">The packet, followed by room for <see cref="RtpOverhead"/> octets.</param>
    /// <param name="length">Octets of the packet.</param>
    /// <param name="protectedLength">Octets of the protected packet.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Sending a sequence number twice is <see cref="SrtpError.Replay"/>: two packets must never share a key stream.</returns>
    public SrtpError ProtectRtp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        protectedLength = 0;
        if (RtpHeader.Measure(buffer[..length], out int headerLength) != RtpParseError.None)
            return SrtpError.Malformed;
        if (buffer.Length - length < RtpOverhead)
            return SrtpError.NoRoom;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        ref SrtpSource source = ref SourceOf(ssrc, out bool known);
        if (!known)
            source = new SrtpSource(ssrc);
        source.LastHeard = ++_state->Clock;
        ulong index = source.EstimateIndex(BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]));
        if (source.Rtp.IsReplay(index))
            return SrtpError.Replay;
        if (index >> 48 != 0)
            return SrtpError.KeyExhausted;
        protectedLength = length + RtpOverhead;
        _transform.SealRtp(buffer[..protectedLength], headerLength, ssrc, index);
        source.Rtp.Accept(index);
        PutFirst(ref source);
        return SrtpError.None;
    }

    /// <summary>Verifies and decrypts an SRTP packet in place (§3.3).</summary>
    /// <param name="packet">The protected packet; changed only if the result is <see cref="SrtpError.None"/>.</param>
    /// <param name="length">Octets of the plain packet.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Never throws for what a peer sent.</returns>
    public SrtpError UnprotectRtp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        length = 0;
        if (RtpHeader.Measure(packet, out int headerLength) != RtpParseError.None || packet.Length - headerLength < RtpOverhead || packet.Length > MaxPacketLength)
            return SrtpError.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        ref SrtpSource slot = ref SourceOf(ssrc, out bool known);
        SrtpSource source = known ? slot : new SrtpSource(ssrc);
        ulong index = source.EstimateIndex(sequence);
        // While resynchronising the window may belong to another counter: the tag decides first, the window after.
        if (!source.Resynchronise && source.Rtp.IsReplay(index))
            return SrtpError.Replay;
        if (!_transform.TryOpenRtp(packet, headerLength, ssrc, index))
        {
            bool found = source.Resynchronise
                ? TryOtherCounters(packet, headerLength, ref source, sequence, ref index)
                : !known && _searches > 0 && TryAnyCounter(packet, headerLength, ssrc, sequence, ref index);
            if (!found)
                return SrtpError.Authentication;
        }
        else if (source.Rtp.IsReplay(index))
        {
            _transform.SealRtp(packet, headerLength, ssrc, index);      // as it came
            return SrtpError.Replay;
        }
        source.Rtp.Accept(index);
        source.Resynchronise = false;
        _searches = 0;
        source.LastHeard = ++_state->Clock;
        slot = source;
        PutFirst(ref slot);
        length = packet.Length - RtpOverhead;
        return SrtpError.None;
    }

    /// <summary>Encrypts an RTCP compound in place and appends index and tag (§3.4).</summary>
    /// <param name="buffer">The compound, followed by room for <see cref="RtcpOverhead"/> octets.</param>
    /// <param name="length">Octets of the compound.</param>
    /// <param name="protectedLength">Octets of the protected compound.</param>
    /// <returns><see cref="SrtpError.None"/> or why not.</returns>
    public SrtpError ProtectRtcp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        protectedLength = 0;
        if (length < RtcpHeaderLength || buffer[0] >> 6 != 2)
            return SrtpError.Malformed;
        if (buffer.Length - length < RtcpOverhead)
            return SrtpError.NoRoom;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        ref SrtpSource source = ref SourceOf(ssrc, out bool known);
        if (!known)
            source = new SrtpSource(ssrc);
        source.LastHeard = ++_state->Clock;
        uint index = source.NextRtcpIndex;
        if (index > MaxRtcpIndex)
            return SrtpError.KeyExhausted;
        source.NextRtcpIndex = index + 1;
        protectedLength = length + RtcpOverhead;
        _transform.SealRtcp(buffer[..protectedLength], ssrc, index);
        return SrtpError.None;
    }

    /// <summary>Verifies and decrypts an SRTCP compound in place (§3.4).</summary>
    /// <param name="packet">The protected compound; changed only if the result is <see cref="SrtpError.None"/>.</param>
    /// <param name="length">Octets of the plain compound.</param>
    /// <returns><see cref="SrtpError.None"/> or why not. Never throws for what a peer sent.</returns>
    public SrtpError UnprotectRtcp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        length = 0;
        int plain = packet.Length - RtcpOverhead;
        if (plain < RtcpHeaderLength || packet.Length > MaxPacketLength || packet[0] >> 6 != 2)
            return SrtpError.Malformed;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[_transform.RtcpWordOffset(packet.Length)..]);
        uint index = word & ~SrtpTransform.EncryptedFlag;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        ref SrtpSource slot = ref SourceOf(ssrc, out bool known);
        SrtpSource source = known ? slot : new SrtpSource(ssrc);
        if (source.Rtcp.IsReplay(index))
            return SrtpError.Replay;
        if (!_transform.TryOpenRtcp(packet, ssrc, word))
            return SrtpError.Authentication;
        source.Rtcp.Accept(index);
        source.LastHeard = ++_state->Clock;
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
        ObjectDisposedException.ThrowIf(_state is null, this);
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
        ObjectDisposedException.ThrowIf(_state is null, this);
        ref SrtpSource source = ref SourceOf(ssrc, out _);
        source = new SrtpSource(ssrc) { LastHeard = ++_state->Clock, Resynchronise = true };
        source.Rtp.Accept(((ulong)rolloverCounter << 16) | highestSequence);
    }

    /// <summary>
    /// Expects a source that has been sending for a while, nobody knows how long: the node that heard it is gone. Until a packet authenticates, the counters of a day
    /// are tried.
    /// </summary>
    public void ExpectAnyCounter() => _searches = Searches;

    /// <summary>Expects all sources of a context whose key this one replaces: the counter is usually kept on a re-key (INTEROP I62).</summary>
    /// <param name="previous">The context of the old key; it stays usable.</param>
    public void ExpectSourcesOf(SrtpContext previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ObjectDisposedException.ThrowIf(previous._state is null, previous);
        ExpectAsWell(previous._state->First);
        foreach (ref readonly SrtpSource source in previous._others.AsSpan())
            ExpectAsWell(source);
    }

    /// <summary>Asks for what the next RTP packet needs to be in the processor's cache by then.</summary>
    /// <param name="step">0, then 1, then 2, with a while between: each reads what the one before has asked for.</param>
    public void Fetch(int step)
    {
        switch (step)
        {
            case 0:
                CacheLines.Fetch(this, 64);
                break;
            case 1:
                if (_state is not null)
                    CacheLines.Fetch(&_state->First, sizeof(SrtpSource));
                CacheLines.Fetch(_transform, 128);
                break;
            case 2:
                _transform.FetchKeys();
                break;
        }
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        if (_state is null)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>(_state, sizeof(SrtpState)));
        NativeMemory.AlignedFree(_state);
        _state = null;
        _transform.Dispose();
    }

    private void ExpectAsWell(in SrtpSource source)
    {
        if (source.LastHeard != 0 && source.Rtp.HasAny)
            Expect(source.Ssrc, (uint)(source.Rtp.Highest >> 16), (ushort)source.Rtp.Highest);
    }

    /// <summary>The source that was heard last is the state's: the next packet is most likely of the same.</summary>
    private void PutFirst(ref SrtpSource source)
    {
        ref SrtpSource first = ref _state->First;
        if (!Unsafe.AreSame(ref source, ref first))
            (first, source) = (source, first);
    }

    private bool TryOtherCounters(Span<byte> packet, int headerLength, ref SrtpSource source, ushort sequence, ref ulong index)
    {
        uint last = (uint)(source.Rtp.Highest >> 16);
        foreach (uint counter in (ReadOnlySpan<uint>)[last, unchecked(last + 1), 0])
        {
            ulong other = ((ulong)counter << 16) | sequence;
            if (other == index || !_transform.TryOpenRtp(packet, headerLength, source.Ssrc, other))
                continue;
            source = new SrtpSource(source.Ssrc) { NextRtcpIndex = source.NextRtcpIndex, Rtcp = source.Rtcp };
            index = other;
            return true;
        }
        return false;
    }

    private bool TryAnyCounter(Span<byte> packet, int headerLength, uint ssrc, ushort sequence, ref ulong index)
    {
        for (uint counter = 1; counter <= LongestSearch; counter++)
        {
            ulong other = ((ulong)counter << 16) | sequence;
            if (!_transform.TryOpenRtp(packet, headerLength, ssrc, other))
                continue;
            index = other;
            return true;
        }
        _searches--;
        return false;
    }

    /// <summary>The source's slot, or the slot that a new source would take: a free one, else the one not heard for longest.</summary>
    private ref SrtpSource SourceOf(uint ssrc, out bool known)
    {
        known = true;
        ref SrtpSource oldest = ref _state->First;
        if (oldest.LastHeard != 0 && oldest.Ssrc == ssrc)
            return ref oldest;
        foreach (ref SrtpSource source in _others.AsSpan())
        {
            if (source.LastHeard != 0 && source.Ssrc == ssrc)
                return ref source;
            if (source.LastHeard < oldest.LastHeard)
                oldest = ref source;
        }
        known = false;
        return ref oldest;
    }
}
