using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Tests;

/// <summary>An RTP packet as a peer heard it.</summary>
internal sealed record Heard(byte PayloadType, bool Marker, ushort Sequence, uint Timestamp, uint Ssrc, byte[] Payload, IPEndPoint From);

/// <summary>
/// A phone's media side on real sockets: writes its SDP as text (so that a fault of our own writer cannot hide on both sides), sends and
/// hears RTP, in clear or by SRTP.
/// </summary>
internal sealed class FakePeer : IDisposable
{
    private readonly byte[] _buffer = new byte[2048];
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SrtpProfiles.MaxKeySaltLength);
    private SrtpContext? _send, _receive;
    private bool _protected;
    private int _tag = 1;

    public FakePeer(string address = "127.0.0.1")
    {
        Address = IPAddress.Parse(address);
        Rtp = Bind();
        Rtcp = Bind();
        Ssrc = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    }

    public IPAddress Address { get; }

    public Socket Rtp { get; private set; }

    public Socket Rtcp { get; }

    public int Port => ((IPEndPoint)Rtp.LocalEndPoint!).Port;

    public int RtcpPort => ((IPEndPoint)Rtcp.LocalEndPoint!).Port;

    public uint Ssrc { get; set; }

    public ushort Sequence { get; set; } = 1000;

    public uint Timestamp { get; set; } = 50_000;

    /// <summary>Octets a packet.</summary>
    public int PacketLength { get; set; } = 160;

    /// <summary>The last datagram of RTP, as it went out.</summary>
    public byte[] LastSent { get; private set; } = [];

    /// <summary>The one suite that this phone has.</summary>
    public string Suite { get; set; } = "AES_CM_128_HMAC_SHA1_80";

    /// <summary>Where the node listens, from its SDP.</summary>
    public IPEndPoint Node { get; private set; } = new(IPAddress.Loopback, 9);

    /// <summary>The node's SDP, last read.</summary>
    public string NodeSdp { get; private set; } = "";

    /// <summary>Moves to another port, as a NAT would.</summary>
    public void Rebind()
    {
        Rtp.Dispose();
        Rtp = Bind();
    }

    public string Sdp(
        string formats = "8 0 101", bool secure = false, string direction = "sendrecv", string? address = null, int? port = null, int version = 1, string extra = "")
    {
        var maps = new Dictionary<string, string>
        {
            ["0"] = "PCMU/8000", ["8"] = "PCMA/8000", ["9"] = "G722/8000", ["3"] = "GSM/8000", ["96"] = "opus/48000/2", ["101"] = "telephone-event/8000",
            ["97"] = "telephone-event/8000", ["18"] = "G729/8000", ["13"] = "CN/8000",
        };
        string lines = string.Concat(formats.Split(' ').Select(f => $"a=rtpmap:{f} {maps[f]}\r\n"));
        string crypto = secure ? $"a=crypto:{_tag} {Suite} inline:{Convert.ToBase64String(OurKey())}\r\n" : "";
        string family = Address.AddressFamily == AddressFamily.InterNetwork ? "IP4" : "IP6";
        return $"v=0\r\no=phone 1 {version} IN {family} {Address}\r\ns=-\r\nc=IN {family} {address ?? Address.ToString()}\r\nt=0 0\r\n"
            + $"m=audio {port ?? Port} {(secure ? "RTP/SAVP" : "RTP/AVP")} {formats}\r\n{lines}{crypto}a=rtcp:{RtcpPort}\r\n{extra}a={direction}\r\n";
    }

    /// <summary>Reads where the node listens, and its key.</summary>
    /// <param name="sdp">The node's SDP.</param>
    /// <param name="keepKeys">Without keys in the SDP: the phone goes in clear but remembers its keys and counters.</param>
    public void Learn(string? sdp, bool keepKeys = false)
    {
        NodeSdp = sdp ?? throw new InvalidOperationException("There is no SDP.");
        string[] lines = sdp.Split("\r\n");
        IPAddress address = IPAddress.Parse(lines.First(l => l.StartsWith("c=", StringComparison.Ordinal)).Split(' ')[2]);
        Node = new IPEndPoint(address, int.Parse(lines.First(l => l.StartsWith("m=audio", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture));
        string? crypto = Array.Find(lines, l => l.StartsWith("a=crypto", StringComparison.Ordinal) && l.Split(' ')[1] == Suite);
        _protected = crypto is not null;
        if (crypto is null)
        {
            if (!keepKeys)
                _send = _receive = null;
            return;
        }
        Assert.True(SrtpProfiles.TryFromSuite(Suite, out SrtpProfile profile));
        _tag = int.Parse(crypto.AsSpan("a=crypto:".Length, 1), CultureInfo.InvariantCulture);
        _send ??= SrtpContext.FromKeySalt(profile, OurKey());
        _receive ??= SrtpContext.FromKeySalt(profile, Convert.FromBase64String(crypto.Split("inline:")[1]));
    }

    /// <summary>Keeps the node's SDP without reading an audio of it.</summary>
    public void Note(string sdp) => NodeSdp = sdp;

    /// <summary>Makes a new key, of which the next description tells; it is used from <see cref="UseNewKey"/> on.</summary>
    public void MakeNewKey() => RandomNumberGenerator.Fill(_key);

    /// <summary>The answer to the description with the new key has come.</summary>
    public void UseNewKey()
    {
        Assert.True(SrtpProfiles.TryFromSuite(Suite, out SrtpProfile profile));
        _send = SrtpContext.FromKeySalt(profile, OurKey());
    }

    /// <summary>Sends one packet; sequence and timestamp go on.</summary>
    public byte[] Send(byte payloadType, byte fill, bool marker = false, IPEndPoint? to = null, Socket? from = null)
    {
        byte[] payload = new byte[PacketLength];
        payload.AsSpan().Fill(fill);
        SendPayload(payloadType, payload, marker, Timestamp, to, from);
        Timestamp += (uint)PacketLength;
        return payload;
    }

    public void SendPayload(byte payloadType, ReadOnlySpan<byte> payload, bool marker, uint timestamp, IPEndPoint? to = null, Socket? from = null)
    {
        byte[] packet = new byte[12 + payload.Length + 16];
        RtpHeader.Write(packet, payloadType, marker, Sequence++, timestamp, Ssrc);
        payload.CopyTo(packet.AsSpan(12));
        int length = 12 + payload.Length;
        if (_protected && _send is not null)
            Assert.Equal(SrtpError.None, _send.ProtectRtp(packet, length, out length));
        LastSent = packet[..length];
        (from ?? Rtp).SendTo(LastSent, to ?? Node);
    }

    /// <summary>Hears the next packet, or null after a while.</summary>
    public async Task<Heard?> HearAsync(int milliseconds = 3000)
    {
        (int length, IPEndPoint from) = await ReceiveAsync(Rtp, milliseconds);
        if (length < 0)
            return null;
        if (_protected && _receive is not null)
            Assert.Equal(SrtpError.None, _receive.UnprotectRtp(_buffer.AsSpan(0, length), out length));
        Assert.Equal(RtpParseError.None, RtpPacket.Parse(_buffer.AsSpan(0, length), out RtpPacket packet));
        return new Heard(packet.PayloadType, packet.Marker, packet.SequenceNumber, packet.Timestamp, packet.Ssrc, packet.Payload.ToArray(), from);
    }

    /// <summary>Hears the next RTCP compound, decrypted.</summary>
    public async Task<byte[]?> HearRtcpAsync(int milliseconds = 3000)
    {
        (int length, _) = await ReceiveAsync(Rtcp, milliseconds);
        if (length < 0)
            return null;
        if (_protected && _receive is not null)
            Assert.Equal(SrtpError.None, _receive.UnprotectRtcp(_buffer.AsSpan(0, length), out length));
        return _buffer[..length];
    }

    public void SendRtcp(ReadOnlySpan<byte> compound)
    {
        byte[] packet = new byte[compound.Length + SrtpProfiles.MaxRtcpOverhead];
        compound.CopyTo(packet);
        int length = compound.Length;
        if (_protected && _send is not null)
            Assert.Equal(SrtpError.None, _send.ProtectRtcp(packet, length, out length));
        Rtcp.SendTo(packet.AsSpan(0, length), new IPEndPoint(Node.Address, Node.Port + 1));
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }

    private ReadOnlySpan<byte> OurKey() => _key.AsSpan(0, SrtpProfiles.TryFromSuite(Suite, out SrtpProfile profile) ? profile.KeySaltLength() : 30);

    private Socket Bind()
    {
        var socket = new Socket(Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(Address, 0));
        return socket;
    }

    private async Task<(int Length, IPEndPoint From)> ReceiveAsync(Socket socket, int milliseconds)
    {
        using var patience = new CancellationTokenSource(milliseconds);
        try
        {
            SocketReceiveFromResult result = await socket.ReceiveFromAsync(
                _buffer, SocketFlags.None, new IPEndPoint(Address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), patience.Token);
            return (result.ReceivedBytes, (IPEndPoint)result.RemoteEndPoint);
        }
        catch (OperationCanceledException)
        {
            return (-1, new IPEndPoint(IPAddress.Any, 0));
        }
    }
}
