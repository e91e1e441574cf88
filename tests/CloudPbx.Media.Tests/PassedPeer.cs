using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Tests;

/// <summary>A phone's fax or video side on real sockets: its section of an SDP as text, and datagrams as they are, in clear or by SRTP.</summary>
internal sealed class PassedPeer(string address = "127.0.0.1") : IDisposable
{
    private const string Suite = "AES_CM_128_HMAC_SHA1_80";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(30);
    private SrtpContext? _send, _receive;
    private int _tag = 1;

    public Socket Rtp { get; private set; } = Bind(address);

    public Socket Rtcp { get; } = Bind(address);

    /// <summary>Where the node listens; RTCP on the next port.</summary>
    public IPEndPoint Node { get; private set; } = new(IPAddress.Loopback, 9);

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>A fax section, as gateways write it (ITU-T T.38 Annex D).</summary>
    public string Fax(int rate = 14400) =>
        $"m=image {PortOf(Rtp)} udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:{rate}\r\na=T38FaxRateManagement:transferredTCF\r\na=T38FaxMaxBuffer:262\r\n"
        + "a=T38FaxMaxDatagram:176\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n";

    /// <summary>A video section; VP8 and H.264 offered, or one of them.</summary>
    public string Video(string formats = "96 97", bool secure = false, string direction = "sendrecv") =>
        $"m=video {PortOf(Rtp)} {(secure ? "RTP/SAVP" : "RTP/AVP")} {formats}\r\nb=AS:512\r\n"
        + string.Concat(formats.Split(' ').Select(f => f == "96" ? "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n" : "a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42801F;packetization-mode=1\r\n"))
        + (secure ? $"a=crypto:{_tag} {Suite} inline:{Convert.ToBase64String(_key)}\r\n" : "")
        + $"a=rtcp:{PortOf(Rtcp)}\r\na=candidate:1 1 UDP 1 10.9.8.7 9 typ host\r\na={direction}\r\n";

    /// <summary>Reads where the node listens, and its key.</summary>
    public void Learn(string? sdp, string kind)
    {
        string[] lines = sdp!.Split("\r\n");
        int begin = Array.FindIndex(lines, l => l.StartsWith("m=" + kind, StringComparison.Ordinal));
        Assert.True(begin >= 0, sdp);
        IPAddress address = IPAddress.Parse(lines.First(l => l.StartsWith("c=", StringComparison.Ordinal)).Split(' ')[2]);
        Node = new IPEndPoint(address, int.Parse(lines[begin].Split(' ')[1], CultureInfo.InvariantCulture));
        string? crypto = lines.Skip(begin + 1).TakeWhile(l => !l.StartsWith("m=", StringComparison.Ordinal)).FirstOrDefault(l => l.StartsWith("a=crypto", StringComparison.Ordinal) && l.Split(' ')[1] == Suite);
        if (crypto is null)
            return;
        Assert.True(SrtpProfiles.TryFromSuite(Suite, out SrtpProfile profile));
        _tag = int.Parse(crypto.AsSpan("a=crypto:".Length, 1), CultureInfo.InvariantCulture);
        _send ??= SrtpContext.FromKeySalt(profile, _key);
        _receive ??= SrtpContext.FromKeySalt(profile, Convert.FromBase64String(crypto.Split("inline:")[1]));
    }

    /// <summary>Makes a new key, of which the next description tells; it is used from <see cref="UseNewKey"/> on.</summary>
    public void MakeNewKey() => RandomNumberGenerator.Fill(_key);

    /// <summary>The answer to the description with the new key has come.</summary>
    public void UseNewKey()
    {
        Assert.True(SrtpProfiles.TryFromSuite(Suite, out SrtpProfile profile));
        _send?.Dispose();
        _send = SrtpContext.FromKeySalt(profile, _key);
    }

    public void Send(ReadOnlySpan<byte> datagram, Socket? from = null)
    {
        byte[] packet = new byte[datagram.Length + 32];
        datagram.CopyTo(packet);
        int length = datagram.Length;
        if (_send is not null)
            Assert.Equal(SrtpError.None, _send.ProtectRtp(packet, length, out length));
        (from ?? Rtp).SendTo(packet.AsSpan(0, length), Node);
    }

    public void SendRtcp(ReadOnlySpan<byte> datagram)
    {
        byte[] packet = new byte[datagram.Length + SrtpProfiles.MaxRtcpOverhead];
        datagram.CopyTo(packet);
        int length = datagram.Length;
        if (_send is not null)
            Assert.Equal(SrtpError.None, _send.ProtectRtcp(packet, length, out length));
        Rtcp.SendTo(packet.AsSpan(0, length), new IPEndPoint(Node.Address, Node.Port + 1));
    }

    public async Task<byte[]?> HearAsync(int milliseconds = 3000) => await ReceiveAsync(Rtp, milliseconds) is not { } packet ? null
        : _receive is null ? packet
        : _receive.UnprotectRtp(packet, out int length) == SrtpError.None ? packet[..length] : throw new InvalidOperationException("not authentic");

    public async Task<byte[]?> HearRtcpAsync(int milliseconds = 3000) => await ReceiveAsync(Rtcp, milliseconds) is not { } packet ? null
        : _receive is null ? packet
        : _receive.UnprotectRtcp(packet, out int length) == SrtpError.None ? packet[..length] : throw new InvalidOperationException("not authentic");

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
        _send?.Dispose();
        _receive?.Dispose();
    }

    private static async Task<byte[]?> ReceiveAsync(Socket socket, int milliseconds)
    {
        byte[] buffer = new byte[2048];
        using var patience = new CancellationTokenSource(milliseconds);
        try
        {
            return buffer[..await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token)];
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static Socket Bind(string address)
    {
        var local = new IPEndPoint(IPAddress.Parse(address), 0);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(local);
        return socket;
    }
}
