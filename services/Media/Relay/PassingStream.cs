using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using CloudPbx.Media.Ports;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>
/// One leg's side of a stream that is passed on untouched: fax (UDPTL, ITU-T T.38, no RTP at all) or video (RTP, and RTCP with its feedback: PLI, FIR, NACK, RFC 4585).
/// Numbers, SSRCs and reports stay the parties' own; only addresses differ, and where one side encrypts by SDES and the other does not, the protection.
/// </summary>
/// <remarks>
/// A browser's video shares the audio's transport (RFC 9143): there the audio's stream checks, deciphers and sends, and this one knows by the payload types what is its own.
/// On its leg's loop, without allocation per packet. Sources are learned as those of the audio are (SECURITY.md S14); what does not belong is counted and ends nothing (S15).
/// </remarks>
/// <param name="kind">What it carries.</param>
/// <param name="ports">Its own, RTCP on the second; null where it shares the audio's transport.</param>
/// <param name="loop">Its leg's.</param>
/// <param name="audio">Its leg's audio: who hears music instead of the other party does not see it either.</param>
/// <param name="counters">The leg's.</param>
[SuppressMessage("Design", "CA1001", Justification = "End frees what it owns, on its loop.")]
internal sealed class PassingStream(PassedKind kind, PortPair? ports, MediaLoop loop, MediaStream audio, PassingCounters counters) : IPacketHandler
{
    private const int ShortestUdptl = 4;                         // sequence number, primary packet's length, and an octet of each (T.38 §9.1)

    private PassingSettings? _settings;
    private SourceFilter _source;
    private UdpAddress _rtcpLearned;
    private SrtpContext? _receiveCrypto, _sendCrypto;
    private CryptoAttribute? _receiveKey, _sendKey;
    private FormerKey _formerKey;
    private PassingStream? _partner;
    private UInt128 _types;                                      // payload types that are its own on a shared transport

    public PassedKind Kind => kind;

    public PortPair? Ports => ports;

    private bool IsEncrypted => _settings!.Agreed is { LocalKey: not null, RemoteKey: not null };

    private UdpAddress Destination => _source.Locked.IsNone ? _settings!.Target : _source.Locked;

    /// <summary>What offer and answer agreed on, from now on; null: nothing any more.</summary>
    public void Apply(PassingSettings? settings)
    {
        if (settings is not null && _settings?.Sources != settings.Sources)
            _rtcpLearned = default;
        _settings = settings;
        if (ports is null)
            audio.Carry(settings is null ? null : this);
        if (settings is null)
            return;
        _types = TypesOf(settings.Agreed.Ours) | TypesOf(settings.Agreed.Theirs);
        _source.Apply(settings.Sources);
        if (settings.Agreed is not { LocalKey: { } ours, RemoteKey: { } theirs })
            return;
        _formerKey.Keep(MediaStream.Rekey(ref _receiveCrypto, ref _receiveKey, theirs), loop.Clock.Microseconds);
        MediaStream.Rekey(ref _sendCrypto, ref _sendKey, ours)?.Dispose();
    }

    /// <summary>Connects both ways.</summary>
    public void Connect(PassingStream partner)
    {
        if (_partner == partner)
            return;
        Leave();
        partner.Leave();
        (_partner, partner._partner) = (partner, this);
    }

    /// <summary>Separates it from its partner.</summary>
    public void Leave()
    {
        if (_partner is { } partner)
            partner._partner = null;
        _partner = null;
    }

    /// <summary>Gives up its ports and its keys.</summary>
    public void End()
    {
        Leave();
        if (ports is null)
            audio.LetGo(this);
        else
            loop.Remove(this);
        _settings = null;
        _receiveCrypto?.Dispose();
        _sendCrypto?.Dispose();
        _formerKey.Drop();
        (_receiveCrypto, _sendCrypto, _receiveKey, _sendKey) = (null, null, null, null);
    }

    /// <summary>Whether a packet on the shared transport is its own.</summary>
    public bool Takes(byte payloadType) => (_types >> payloadType & UInt128.One) != 0;

    /// <summary>Takes a packet of its own from the shared transport, deciphered.</summary>
    /// <param name="buffer">The packet, and room behind it.</param>
    /// <param name="length">Octets of the packet.</param>
    public void TakeRtp(Span<byte> buffer, int length)
    {
        if (_settings is { } settings && Counted(settings))
            _partner?.Send(buffer, length);
    }

    /// <summary>Takes RTCP of its own from the shared transport, deciphered.</summary>
    /// <param name="buffer">The compound, and room behind it.</param>
    /// <param name="length">Octets of the compound.</param>
    public void TakeRtcp(Span<byte> buffer, int length)
    {
        counters.Received++;
        _partner?.SendRtcp(buffer, length);
    }

    public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from)
    {
        if (_settings is not { } settings)
            return;                                               // nothing is agreed: nobody may be passed on
        if (kind == PassedKind.Fax)
        {
            if (tag == MediaStream.RtpTag)
                ReceiveFax(buffer, length, from, settings);
        }
        else if (tag == MediaStream.RtcpTag || (settings.Agreed.RtcpMux && RtpHeader.IsRtcp(buffer[..length])))
            ReceiveRtcp(buffer, length, from, settings, tag);
        else
            ReceiveRtp(buffer, length, from, settings);
    }

    /// <summary>UDPTL: a sequence number in the first two octets (T.38 §9.1), which shows that packets follow each other; the rest is the fax machines' business.</summary>
    private void ReceiveFax(Span<byte> buffer, int length, in UdpAddress from, PassingSettings settings)
    {
        if (length < ShortestUdptl)
            CountMalformed();
        else if (IsOfPeer(from, 0, BinaryPrimitives.ReadUInt16BigEndian(buffer), authenticated: false) && Counted(settings))
            _partner?.Send(buffer, length);
    }

    private void ReceiveRtp(Span<byte> buffer, int length, in UdpAddress from, PassingSettings settings)
    {
        bool encrypted = IsEncrypted;
        long now = loop.Now;
        if (!_source.MayCome(from, encrypted, now))
        {
            CountStranger();
            return;
        }
        _formerKey.Tick(now);
        int received = length;
        if (encrypted && (_receiveCrypto is null || _receiveCrypto.UnprotectRtp(buffer[..received], out length) != SrtpError.None)
            && !_formerKey.TryUnprotectRtp(buffer[..received], now, out length))
            CountSrtpFailure();
        else if (RtpPacket.Parse(buffer[..length], out RtpPacket packet) != RtpParseError.None)
            CountMalformed();
        else if (IsOfPeer(from, packet.Ssrc, packet.SequenceNumber, encrypted) && Counted(settings))
            _partner?.Send(buffer, length);
    }

    private void ReceiveRtcp(Span<byte> buffer, int length, in UdpAddress from, PassingSettings settings, int tag)
    {
        if (tag == MediaStream.RtpTag ? from != Destination : !MayReport(settings, from))
        {
            CountStranger();
            return;
        }
        int received = length;
        if (IsEncrypted && (_receiveCrypto is null || _receiveCrypto.UnprotectRtcp(buffer[..received], out length) != SrtpError.None)
            && !_formerKey.TryUnprotectRtcp(buffer[..received], loop.Now, out length))
        {
            CountSrtpFailure();
            return;
        }
        if (!RtpHeader.IsRtcp(buffer[..length]) || length < 8)
        {
            CountMalformed();
            return;
        }
        if (tag == MediaStream.RtcpTag)
            _rtcpLearned = from;
        counters.Received++;
        _partner?.SendRtcp(buffer, length);                       // also while it holds: who is held may ask for a picture
    }

    private bool IsOfPeer(in UdpAddress from, uint ssrc, ushort sequence, bool authenticated)
    {
        if (_source.Accept(from, ssrc, sequence, authenticated, loop.Now))
            return true;
        CountStranger();
        return false;
    }

    private bool Counted(PassingSettings settings)
    {
        counters.Received++;
        loop.Counters.Received++;
        return settings.CanReceive;
    }

    private void CountStranger()
    {
        counters.Strangers++;
        loop.Counters.Strangers++;
    }

    private void CountSrtpFailure()
    {
        counters.SrtpFailures++;
        loop.Counters.SrtpFailures++;
    }

    private void CountMalformed()
    {
        counters.Malformed++;
        loop.Counters.Malformed++;
    }

    private void Send(Span<byte> buffer, int length)
    {
        if (_settings is not { CanSend: true } || (kind == PassedKind.Video && audio.IsKeptApart))
            return;
        if (ports is null)
        {
            Count(audio.SendCarried(buffer, length, isRtcp: false));
            return;
        }
        if (Destination.IsNone)
            return;
        if (IsEncrypted && (_sendCrypto is null || _sendCrypto.ProtectRtp(buffer, length, out length) != SrtpError.None))
            return;
        Count(loop.TrySend(ports.Rtp, buffer[..length], Destination));
    }

    private void SendRtcp(Span<byte> buffer, int length)
    {
        if (ports is null)
        {
            Count(_settings is not null && audio.SendCarried(buffer, length, isRtcp: true));
            return;
        }
        if (_settings is not { } settings || RtcpDestination(settings) is not { IsNone: false } to)
            return;
        if (IsEncrypted && (_sendCrypto is null || _sendCrypto.ProtectRtcp(buffer, length, out length) != SrtpError.None))
            return;
        Count(loop.TrySend(settings.Agreed.RtcpMux ? ports.Rtp : ports.Rtcp, buffer[..length], to));
    }

    private static UInt128 TypesOf(PassedWords words)
    {
        UInt128 types = 0;
        foreach (string format in words.Formats)
        {
            if (byte.TryParse(format, out byte type))
                types |= UInt128.One << type;
        }
        return types;
    }

    private void Count(bool sent)
    {
        if (!sent)
            return;
        counters.Sent++;
        loop.Counters.Sent++;
    }

    /// <summary>RTCP comes from the host of the RTP; before that is learned, from the described one. The first port stays.</summary>
    private bool MayReport(PassingSettings settings, in UdpAddress from)
    {
        if (!_rtcpLearned.IsNone && _rtcpLearned.SameHost(from))
            return from == _rtcpLearned;
        return !_source.Locked.IsNone
            ? from.SameHost(_source.Locked) || from == settings.RtcpTarget
            : from.SameHost(settings.RtcpTarget) || (settings.Sources.Learn && from.SameHost(settings.Sources.Signalling));
    }

    private UdpAddress RtcpDestination(PassingSettings settings)
    {
        if (settings.Agreed.RtcpMux)
            return Destination;
        if (!_rtcpLearned.IsNone)
            return _rtcpLearned;
        return _source.Locked.IsNone || _source.Locked.SameHost(settings.RtcpTarget) ? settings.RtcpTarget : default;
    }
}
