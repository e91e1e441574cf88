using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPbx.Rtp.Ice;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CloudPbx.Rtp.Security.Dtls;

namespace CloudPbx.Media.Tests;

/// <summary>A browser's media side: SDP in Chromium's form, connectivity checks, DTLS, SRTP on one port.</summary>
internal sealed class FakeBrowser : IDisposable
{
    private readonly DtlsCertificate _certificate = new(DateTimeOffset.UtcNow);
    private readonly byte[] _buffer = new byte[2048];
    private DtlsAssociation? _dtls;
    private SrtpContext? _send, _receive;
    private bool _isStarted;
    private string _ufrag = "", _password = "", _formerUfrag = "", _formerPassword = "";
    private ushort _sequence = 500;
    private uint _timestamp = 9000;

    public FakeBrowser() => Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public Socket Socket { get; private set; } = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Its own ICE user name fragment; another one begins ICE anew.</summary>
    public string Ufrag { get; set; } = "BrwS";

    /// <summary>False: a phone that does DTLS at the address of its SDP (RFC 5763).</summary>
    public bool UsesIce { get; init; } = true;

    public IPEndPoint Node { get; private set; } = new(IPAddress.Loopback, 9);

    public uint Ssrc { get; init; } = 4242;

    public string Fingerprint { get; set; } = "";

    public DtlsState State => _dtls?.State ?? DtlsState.Handshaking;

    /// <summary>As Chromium writes it before it has gathered: port 9, no address, everything bundled.</summary>
    public string Sdp(string setup = "actpass", string payloads = "111 0 8 110 126", bool video = false) =>
        $"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0{(video ? " 1" : "")}\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS x\r\n"
        + $"m=audio 9 UDP/TLS/RTP/SAVPF {payloads}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:{Ufrag}\r\na=ice-pwd:browserbrowserbrowser12\r\na=ice-options:trickle\r\n"
        + $"a=fingerprint:{(Fingerprint.Length > 0 ? Fingerprint : _certificate.Fingerprint)}\r\na=setup:{setup}\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\na=rtcp-mux\r\n"
        + string.Concat(new[] { ("111", "opus/48000/2"), ("0", "PCMU/8000"), ("8", "PCMA/8000"), ("110", "telephone-event/48000"), ("126", "telephone-event/8000") }
            .Where(p => payloads.Split(' ').Contains(p.Item1)).Select(p => $"a=rtpmap:{p.Item1} {p.Item2}\r\n"))
        + (!video ? "" : $"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:{Ufrag}\r\na=ice-pwd:browserbrowserbrowser12\r\n"
            + $"a=fingerprint:{_certificate.Fingerprint}\r\na=setup:{setup}\r\na=mid:1\r\na=sendrecv\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n");

    /// <summary>As a phone without ICE writes it.</summary>
    /// <param name="address">Where it says that it is; null: where it is.</param>
    /// <param name="setup">Who begins the handshake.</param>
    public string PhoneSdp(string? address = null, string setup = "actpass") =>
        $"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {address ?? "127.0.0.1"}\r\nt=0 0\r\nm=audio {((IPEndPoint)Socket.LocalEndPoint!).Port} UDP/TLS/RTP/SAVP 8\r\n"
        + $"a=rtpmap:8 PCMA/8000\r\na=fingerprint:{_certificate.Fingerprint}\r\na=setup:{setup}\r\na=rtcp-mux\r\na=sendrecv\r\n";

    /// <summary>Sends a packet of RTP or RTCP as it is, protected.</summary>
    public void SendRaw(ReadOnlySpan<byte> packet)
    {
        byte[] buffer = new byte[packet.Length + 32];
        packet.CopyTo(buffer);
        Assert.Equal(SrtpError.None, RtpHeader.IsRtcp(packet) ? _send!.ProtectRtcp(buffer, packet.Length, out int length) : _send!.ProtectRtp(buffer, packet.Length, out length));
        Socket.SendTo(buffer.AsSpan(0, length), Node);
    }

    /// <summary>The next packet of RTP or RTCP, whole, that a video of one source or a report about it is.</summary>
    public async Task<byte[]?> SeeAsync(uint ssrc)
    {
        while (await ReceiveAsync(3000) is > 0 and int length)
        {
            Memory<byte> packet = _buffer.AsMemory(0, length);
            if (_buffer[0] >> 6 != 2)
                continue;
            bool isRtcp = RtpHeader.IsRtcp(packet.Span);
            Assert.Equal(SrtpError.None, isRtcp ? _receive!.UnprotectRtcp(packet.Span, out length) : _receive!.UnprotectRtp(packet.Span, out length));
            if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet.Span[(isRtcp ? 4 : 8)..]) == ssrc)
                return _buffer[..length];
        }
        return null;
    }

    /// <summary>Reads the node's description.</summary>
    public void Learn(string sdp)
    {
        string[] lines = sdp.Split("\r\n");
        string Value(string name) => lines.First(l => l.StartsWith($"a={name}:", StringComparison.Ordinal))[(name.Length + 3)..];
        if (UsesIce)
        {
            string[] candidate = Value("candidate").Split(' ');
            Node = new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], CultureInfo.InvariantCulture));
            if (_ufrag != Value("ice-ufrag"))
                (_formerUfrag, _formerPassword) = (_ufrag, _password);
            (_ufrag, _password) = (Value("ice-ufrag"), Value("ice-pwd"));
        }
        else
            Node = new IPEndPoint(IPAddress.Loopback, int.Parse(lines.First(l => l.StartsWith("m=audio", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture));
        bool weAreClient = Value("setup") is "passive" or "actpass";
        _dtls ??= new DtlsAssociation(_certificate, weAreClient, "sha-256", Value("fingerprint")["sha-256 ".Length..].Replace(":", "", StringComparison.Ordinal));
        IsClient = weAreClient;
    }

    public bool IsClient { get; private set; }

    /// <summary>Goes on from another port: another local candidate.</summary>
    /// <returns>The one before; the caller's to dispose of.</returns>
    public Socket Move()
    {
        Socket before = Socket;
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return before;
    }

    /// <summary>A connectivity check; the answer is awaited.</summary>
    public Task<bool> CheckAsync(bool nominate = true, string? password = null) => CheckAsync($"{_ufrag}:{Ufrag}", password ?? _password, nominate);

    /// <summary>A check under the credentials before the last.</summary>
    public Task<bool> CheckAsBeforeAsync(bool nominate = true) => CheckAsync($"{_formerUfrag}:{Ufrag}", _formerPassword, nominate);

    private async Task<bool> CheckAsync(string ufrags, string password, bool nominate)
    {
        byte[] request = new byte[256];
        int length = StunBinding.WriteRequest(ufrags, password, nominate, RandomNumberGenerator.GetBytes(12), request);
        Socket.SendTo(request.AsSpan(0, length), Node);
        int got;
        while ((got = await ReceiveAsync(500)) > 0)
        {
            if (StunBinding.IsStun(_buffer.AsSpan(0, got)))
                return _buffer[0] == 1 && _buffer[1] == 1;
        }
        return false;
    }

    /// <summary>The handshake, until it is done or nothing comes any more.</summary>
    public async Task ShakeHandsAsync()
    {
        DtlsAssociation dtls = _dtls!;
        if (IsClient && !_isStarted)
            dtls.Start();
        _isStarted = true;
        Flush(dtls);
        while (dtls.State == DtlsState.Handshaking && await ReceiveAsync(3000) is > 0 and int length)
        {
            if (DtlsAssociation.IsDtls(_buffer.AsSpan(0, length)))
                dtls.Receive(_buffer.AsSpan(0, length));
            Flush(dtls);
        }
        if (dtls.TryMakeContexts(out _send, out _receive))
            Flush(dtls);
    }

    public byte[] Send(byte payloadType, byte fill, Socket? from = null)
    {
        byte[] packet = new byte[12 + 160 + 16];
        RtpHeader.Write(packet, payloadType, false, _sequence++, _timestamp, Ssrc);
        _timestamp += 160;
        packet.AsSpan(12, 160).Fill(fill);
        byte[] payload = packet[12..172];
        Assert.Equal(SrtpError.None, _send!.ProtectRtp(packet, 172, out int length));
        (from ?? Socket).SendTo(packet.AsSpan(0, length), Node);
        return payload;
    }

    /// <summary>The next packet of the node's that the browser can read.</summary>
    /// <param name="at">Where it listens; null: at its present port.</param>
    public async Task<byte[]?> HearAsync(Socket? at = null)
    {
        while (await ReceiveAsync(3000, at) is > 0 and int length)
        {
            if (_buffer[0] >> 6 != 2 || RtpHeader.IsRtcp(_buffer.AsSpan(0, length)))
                continue;
            Assert.Equal(SrtpError.None, _receive!.UnprotectRtp(_buffer.AsSpan(0, length), out length));
            Assert.Equal(RtpParseError.None, RtpPacket.Parse(_buffer.AsSpan(0, length), out RtpPacket packet));
            return packet.Payload.ToArray();
        }
        return null;
    }

    public void Dispose()
    {
        Socket.Dispose();
        _dtls?.Dispose();
    }

    private void Flush(DtlsAssociation dtls)
    {
        while (dtls.TryTake(out ReadOnlySpan<byte> datagram))
            Socket.SendTo(datagram, Node);
    }

    private async Task<int> ReceiveAsync(int milliseconds, Socket? at = null)
    {
        using var patience = new CancellationTokenSource(milliseconds);
        try
        {
            return await (at ?? Socket).ReceiveAsync(_buffer, SocketFlags.None, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return -1;
        }
    }
}
