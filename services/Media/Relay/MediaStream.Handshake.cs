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
    private const long LeftPairMicroseconds = 5_000_000;
    private const int MostCallers = 3;

    private readonly List<PeerHandshake> _callers = [];              // without ICE, behind a NAT: who may be the peer, beside him at the described address
    private HandshakePace _callersPace;
    private PeerHandshake? _dtls;
    private RemoteDtls? _dtlsPeer;
    private UdpAddress _iceSelected, _iceLast;                       // the pair that is used, and the last one that was checked
    private UdpAddress _iceChosen;                                   // nominated by a new DTLS agent, and used once that has shaken hands
    private UdpAddress _iceLeft;                                     // the pair used before: what is on its way there is taken still
    private HandshakeSettings? _iceFormer;                           // ICE restarts: under whose credentials the pair in use is checked until another is nominated
    private bool _iceNominated;
    private long _iceHeard, _iceLeftEnds, _formerKeysEnd;

    private bool UsesIce => _dtlsPeer is { UsesIce: true };

    /// <summary>Takes what was agreed on; an association with the same peer goes on, and so does speech while ICE or DTLS begin anew.</summary>
    /// <param name="handshake">What is agreed on now; null: no DTLS.</param>
    /// <param name="former">What was agreed on before.</param>
    /// <param name="now">Microseconds.</param>
    private void ApplyHandshake(HandshakeSettings? handshake, HandshakeSettings? former, long now)
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
            RestartIce(peer.UsesIce && former is { Peer.UsesIce: true } && !former.Ufrag.AsSpan().SequenceEqual(handshake.Ufrag) ? former : null);
        _dtlsPeer = peer;
        if (sameAgent && _dtls is not null)
            return;
        ForgetCallers();
        _dtls?.Dispose();
        (_receiveKey, _sendKey) = (null, null);                      // the keys themselves stay in use until the new ones are there, or never come
        _formerKeysEnd = now + ConsentMicroseconds;
        _dtls = new PeerHandshake(handshake);
        if (peer is { WeAreClient: true, UsesIce: false } && !_settings!.RtpTarget.IsNone)
            StartHandshake(_settings.RtpTarget);
    }

    /// <summary>New credentials (RFC 8839 §4.4.1.1.1). What is sent goes on on the pair in use until a new one is nominated (RFC 8445 §9), which may be the same.</summary>
    /// <param name="former">The credentials under which the pair in use was checked; null: there was no ICE before, or another one answers our own description now.</param>
    private void RestartIce(HandshakeSettings? former)
    {
        if (former is null || _iceSelected.IsNone)
        {
            ForgetPairs();
            return;
        }
        _iceFormer ??= former;
        (_iceLast, _iceChosen, _iceNominated) = (default, default, false);
    }

    private void ForgetPairs() => (_iceSelected, _iceLast, _iceChosen, _iceLeft, _iceFormer, _iceNominated) = (default, default, default, default, null, false);

    private void EndHandshake()
    {
        ForgetCallers();
        _dtls?.Dispose();
        (_dtls, _dtlsPeer) = (null, null);
        ForgetPairs();
    }

    private void DropKeys()
    {
        LeaveShortWay();
        _receiveCrypto?.Dispose();
        _sendCrypto?.Dispose();
        (_receiveCrypto, _sendCrypto, _receiveKey, _sendKey) = (null, null, null, null);
        _formerKey.Drop();
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
        PeerHandshake? dtls = With(from, datagram, handshake, now);
        bool wasShaken = dtls is { State: DtlsState.Established };
        if (dtls is null || !dtls.Receive(datagram, now))
        {
            CountStranger();                                         // SECURITY.md S16: a ClientHello of a stranger is not even looked at
            return true;
        }
        SendFlight(dtls.Association, from);
        if (!wasShaken && dtls.State == DtlsState.Established)
            HandshakeDone(dtls, now);
        else if (dtls.State == DtlsState.Failed)
            HandshakeFailed();
        return true;
    }

    /// <summary>
    /// The association that is spoken with somebody: who passed a connectivity check; without ICE who has the described address (symmetric RTP, RFC 4961). Behind a NAT
    /// others of the described host and of the one that signals have one each until one of them has shown the described certificate: none of them disturbs another (SECURITY.md S16).
    /// </summary>
    /// <returns>Null: a stranger's.</returns>
    private PeerHandshake? With(in UdpAddress from, ReadOnlySpan<byte> datagram, HandshakeSettings handshake, long now)
    {
        if (_dtls is not { } dtls)
            return null;
        if (UsesIce)
            return from == _iceSelected || from == _iceLast || from == _iceChosen ? dtls : null;
        StreamSettings settings = _settings!;
        if (dtls.From.IsNone ? from == settings.RtpTarget : from == dtls.From)
            return dtls;
        if (dtls.State == DtlsState.Established || handshake.Peer.WeAreClient
            || !settings.Sources.Learn || !(from.SameHost(settings.RtpTarget) || from.SameHost(settings.Sources.Signalling)))
            return null;
        PeerHandshake? over = null;
        foreach (PeerHandshake caller in _callers)
        {
            if (caller.From == from)
                return caller;
            over ??= caller.IsOver(now) ? caller : null;
        }
        bool isFull = _callers.Count == MostCallers;
        if (!DtlsAssociation.IsClientHello(datagram) || (isFull && over is null) || !_callersPace.TryTake(now))
            return null;
        if (isFull)
        {
            over!.Dispose();
            _callers.Remove(over);
        }
        _callers.Add(new PeerHandshake(handshake, from));
        return _callers[^1];
    }

    private void ForgetCallers()
    {
        foreach (PeerHandshake caller in _callers)
            caller.Dispose();
        _callers.Clear();
    }

    private void ReceiveCheck(ReadOnlySpan<byte> datagram, in UdpAddress from, HandshakeSettings handshake, long now)
    {
        bool isCurrent = StunBinding.TryCheck(datagram, handshake.Ufrag, handshake.Password, out bool nominates);
        if (!UsesIce || (!isCurrent && !(_iceFormer is { } former && StunBinding.TryCheck(datagram, former.Ufrag, former.Password, out nominates))))
        {
            CountStranger();
            return;
        }
        IPEndPoint source = new(Sessions.AddressPlan.Normalise(from.Address), from.Port);
        Span<byte> response = stackalloc byte[StunBinding.MaxResponseLength];
        int length = StunBinding.WriteResponse(datagram, source, isCurrent ? handshake.Password : _iceFormer!.Password, response);
        _loop.TrySend(_rtp, response[..length], from);
        _iceHeard = State.Heard = now;
        State.SilenceReported = false;
        if (!isCurrent)
        {
            if (nominates)
                Select(from, now);                                   // it has not read our answer yet
            return;
        }
        _iceLast = from;
        bool selects = _iceSelected.IsNone || (nominates && (from != _iceSelected || !_iceNominated));
        _iceNominated |= nominates;
        if (!selects || from == _iceChosen)
            return;
        if (_dtls is { State: not DtlsState.Established } && _sendCrypto is not null)
            _iceChosen = from;                                       // it has no keys yet; the former agent has
        else
            Settle(from, now);
        if (_dtls is { State: DtlsState.Handshaking } && _dtlsPeer!.WeAreClient)
            StartHandshake(from);
    }

    /// <summary>The peer has found its pair; what was in use before it began to look is over.</summary>
    private void Settle(in UdpAddress pair, long now)
    {
        Select(pair, now);
        (_iceFormer, _iceChosen) = (null, default);
    }

    private void Select(in UdpAddress pair, long now)
    {
        if (!_iceSelected.IsNone && _iceSelected != pair)
            (_iceLeft, _iceLeftEnds) = (_iceSelected, now + LeftPairMicroseconds);
        _iceSelected = pair;
    }

    /// <summary>Whether a packet comes from where the peer passed a check: the pair in use, the one it is about to choose, or for a moment the one that it has left.</summary>
    private bool IsChecked(in UdpAddress from, long now) => from == _iceSelected || from == _iceLast || from == _iceChosen || (from == _iceLeft && now < _iceLeftEnds);

    private void StartHandshake(in UdpAddress to)
    {
        _dtls!.Association.Start();
        SendFlight(_dtls.Association, to);
    }

    private void SendFlight(DtlsAssociation dtls, in UdpAddress to)
    {
        while (dtls.TryTake(out ReadOnlySpan<byte> datagram))
            _loop.TrySend(_rtp, datagram, to);
    }

    /// <summary>There are no keys from this one. As a server we wait for another; a client has had its turn.</summary>
    private void HandshakeFailed()
    {
        if (_dtlsPeer!.WeAreClient)
            DropKeys();
        CountSrtpFailure();
    }

    private void HandshakeDone(PeerHandshake dtls, long now)
    {
        if (dtls != _dtls)
        {
            _callers.Remove(dtls);
            _dtls!.Dispose();
            _dtls = dtls;
        }
        ForgetCallers();
        if (!dtls.Association.TryMakeContexts(out Rtp.Security.SrtpContext? send, out Rtp.Security.SrtpContext? receive))
        {
            DropKeys();
            CountSrtpFailure();
            return;
        }
        if (_sendCrypto is null)
            State.Outgoing.Switch();                                      // until now nothing could be sent
        LeaveShortWay();
        _formerKey.Keep(_receiveCrypto, now);
        _sendCrypto?.Dispose();
        (_sendCrypto, _receiveCrypto) = (send, receive);
        if (!_iceChosen.IsNone)
            Settle(_iceChosen, now);
    }

    /// <summary>A browser checks as long as its page lives, on hold and muted, too: one that does not is gone, and whoever leads the call is told.</summary>
    private void LoseConsent()
    {
        ForgetPairs();
        if (_early || State.SilenceReported || _loop.Silence <= TimeSpan.Zero || _activity is not (StreamActivity.Bridged or StreamActivity.Echo or StreamActivity.Conference))
            return;
        State.SilenceReported = true;
        _reports.Silent(Id);
    }

    /// <summary>Repeats flights; stops sending to a peer that checks no more (RFC 7675).</summary>
    private void TickHandshake(long now)
    {
        if (_dtls is not { } dtls)
            return;
        if (UsesIce && !_iceSelected.IsNone && now - _iceHeard > ConsentMicroseconds)
            LoseConsent();
        if (dtls.State == DtlsState.Established)
            return;
        if (_sendCrypto is not null && now >= _formerKeysEnd)
        {
            DropKeys();                                              // the new agent shakes no hands: the former one is not spoken to for ever
            ForgetPairs();
        }
        Repeat(dtls, !UsesIce ? _settings!.RtpTarget : _iceChosen.IsNone ? _iceSelected : _iceChosen);
        foreach (PeerHandshake caller in _callers)
            Repeat(caller, caller.From);

        void Repeat(PeerHandshake handshake, in UdpAddress to)
        {
            handshake.Association.Tick();
            if (!to.IsNone)
                SendFlight(handshake.Association, to);
        }
    }
}
