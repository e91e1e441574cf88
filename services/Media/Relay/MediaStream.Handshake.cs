using System.Net;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Ice;
using CloudPbx.Rtp.Security.Dtls;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What browsers need before media: connectivity checks (ICE-lite, RFC 8445), then keys by DTLS on the same port (RFC 5764).</summary>
internal sealed partial class MediaStream
{
    private const long ConsentMicroseconds = 30_000_000;             // RFC 7675 §5.1

    private DtlsAssociation? _dtls;
    private RemoteDtls? _dtlsPeer;
    private UdpAddress _iceSelected, _iceLast;                       // the pair that is used, and the last one that was checked
    private bool _iceNominated;
    private long _iceHeard;

    private bool UsesIce => _dtlsPeer is { UsesIce: true };

    /// <summary>Takes what was agreed on; an association with the same peer goes on.</summary>
    private void ApplyHandshake(HandshakeSettings? handshake)
    {
        if (handshake is null)
        {
            if (_dtls is null)
                return;
            EndHandshake();
            DropKeys();
            return;
        }
        RemoteDtls peer = handshake.Peer;
        bool sameAgent = _dtlsPeer is { } before && before.Fingerprint == peer.Fingerprint && before.HashFunction == peer.HashFunction;
        if (_dtlsPeer?.Ufrag != peer.Ufrag)
            (_iceSelected, _iceLast, _iceNominated) = (default, default, false);     // ICE restart: RFC 8839 §4.4.1.1.1
        _dtlsPeer = peer;
        if (sameAgent && _dtls is not null)
            return;
        _dtls?.Dispose();
        DropKeys();
        _dtls = new DtlsAssociation(handshake.Certificate, peer.WeAreClient, peer.HashFunction, peer.Fingerprint);
        if (peer is { WeAreClient: true, UsesIce: false } && !_settings!.RtpTarget.IsNone)
            StartHandshake(_settings.RtpTarget);
    }

    private void EndHandshake()
    {
        _dtls?.Dispose();
        (_dtls, _dtlsPeer) = (null, null);
        (_iceSelected, _iceLast, _iceNominated) = (default, default, false);
    }

    private void DropKeys()
    {
        _receiveCrypto?.Dispose();
        _sendCrypto?.Dispose();
        (_receiveCrypto, _sendCrypto, _receiveKey, _sendKey) = (null, null, null, null);
        DropFormerKey();
    }

    /// <summary>Takes STUN and DTLS, which share the port with RTP (RFC 7983).</summary>
    /// <returns>Whether it was one of them.</returns>
    private bool TryReceiveHandshake(ReadOnlySpan<byte> datagram, in UdpAddress from, HandshakeSettings handshake, long now)
    {
        if (StunBinding.IsStun(datagram))
        {
            ReceiveCheck(datagram, from, handshake, now);
            return true;
        }
        if (!DtlsAssociation.IsDtls(datagram))
            return false;
        if (!MayShakeHands(from))                                    // SECURITY.md S16: a ClientHello of a stranger is not even looked at
        {
            CountStranger();
            return true;
        }
        if (_dtls is not { } dtls)
            return true;
        DtlsState before = dtls.State;
        dtls.Receive(datagram);
        SendFlight(dtls, from);
        if (before == DtlsState.Handshaking && dtls.State != DtlsState.Handshaking)
            HandshakeDone(dtls);
        return true;
    }

    private void ReceiveCheck(ReadOnlySpan<byte> datagram, in UdpAddress from, HandshakeSettings handshake, long now)
    {
        if (!UsesIce || !StunBinding.TryCheck(datagram, handshake.Ufrag, handshake.Password, out bool nominates))
        {
            CountStranger();
            return;
        }
        IPEndPoint source = new(Sessions.AddressPlan.Normalise(from.Address), from.Port);
        Span<byte> response = stackalloc byte[StunBinding.MaxResponseLength];
        int length = StunBinding.WriteResponse(datagram, source, handshake.Password, response);
        Ports.Rtp.TrySend(response[..length], from);
        _iceHeard = _heard = now;
        _silenceReported = false;
        _iceLast = from;
        bool selects = _iceSelected.IsNone || (nominates && from != _iceSelected) || (nominates && !_iceNominated);
        _iceNominated |= nominates;
        if (!selects)
            return;
        _iceSelected = from;
        if (_dtls is { State: DtlsState.Handshaking } && _dtlsPeer!.WeAreClient)
            StartHandshake(from);
    }

    /// <summary>Whom DTLS is spoken with: who passed a connectivity check; without ICE the described host, or the one that signals.</summary>
    private bool MayShakeHands(in UdpAddress from) => UsesIce
        ? from == _iceSelected || from == _iceLast
        : from == _settings!.RtpTarget || from.SameHost(_settings.RtpTarget) || (_settings.Sources.Learn && from.SameHost(_settings.Sources.Signalling));

    private void StartHandshake(in UdpAddress to)
    {
        _dtls!.Start();
        SendFlight(_dtls, to);
    }

    private void SendFlight(DtlsAssociation dtls, in UdpAddress to)
    {
        while (dtls.TryTake(out ReadOnlySpan<byte> datagram))
            Ports.Rtp.TrySend(datagram, to);
    }

    private void HandshakeDone(DtlsAssociation dtls)
    {
        if (!dtls.TryMakeContexts(out Rtp.Security.SrtpContext? send, out Rtp.Security.SrtpContext? receive))
        {
            CountSrtpFailure();
            return;
        }
        DropKeys();
        (_sendCrypto, _receiveCrypto) = (send, receive);
        _outgoing.Switch();
    }

    /// <summary>A browser checks as long as its page lives, on hold and muted, too: one that does not is gone, and whoever leads the call is told.</summary>
    private void LoseConsent()
    {
        (_iceSelected, _iceLast, _iceNominated) = (default, default, false);
        if (_early || _silenceReported || _loop.Silence <= TimeSpan.Zero || _activity is not (StreamActivity.Bridged or StreamActivity.Echo))
            return;
        _silenceReported = true;
        _reports.Silent(Id);
    }

    /// <summary>Repeats flights; stops sending to a peer that checks no more (RFC 7675).</summary>
    private void TickHandshake(long now)
    {
        if (_dtls is not { } dtls)
            return;
        if (UsesIce && !_iceSelected.IsNone && now - _iceHeard > ConsentMicroseconds)
            LoseConsent();
        if (dtls.State != DtlsState.Handshaking)
            return;
        dtls.Tick();
        UdpAddress to = UsesIce ? _iceSelected : _settings!.RtpTarget;
        if (!to.IsNone)
            SendFlight(dtls, to);
    }
}
