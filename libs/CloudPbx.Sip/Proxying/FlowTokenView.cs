using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>A flow token read without allocation: its names are slices of the caller's scratch. The edge's form of <see cref="FlowToken"/>.</summary>
public readonly ref struct FlowTokenView
{
    private FlowTokenView(byte transport, uint edgeId, byte listener, ulong connectionId, InternetEndPoint remote, ReadOnlySpan<byte> host, int port,
        ReadOnlySpan<byte> serverName, UInt128 provedSource)
    {
        Transport = (SipTransport)transport;
        EdgeId = edgeId;
        Listener = listener;
        ConnectionId = connectionId;
        Remote = remote;
        AdvertisedHost = host;
        AdvertisedPort = port;
        ServerName = serverName;
        ProvedSource = provedSource;
    }

    /// <inheritdoc cref="FlowToken.Transport"/>
    public SipTransport Transport { get; }

    /// <inheritdoc cref="FlowToken.EdgeId"/>
    public uint EdgeId { get; }

    /// <inheritdoc cref="FlowToken.Listener"/>
    public byte Listener { get; }

    /// <inheritdoc cref="FlowToken.ConnectionId"/>
    public ulong ConnectionId { get; }

    /// <inheritdoc cref="FlowToken.Remote"/>
    public InternetEndPoint Remote { get; }

    /// <inheritdoc cref="FlowToken.AdvertisedHost"/>
    public ReadOnlySpan<byte> AdvertisedHost { get; }

    /// <inheritdoc cref="FlowToken.AdvertisedPort"/>
    public int AdvertisedPort { get; }

    /// <summary>The name that the peer asked for in TLS; empty for none.</summary>
    public ReadOnlySpan<byte> ServerName { get; }

    /// <inheritdoc cref="FlowToken.ProvedSource"/>
    public UInt128 ProvedSource { get; }

    /// <summary>Reads a token.</summary>
    /// <param name="text">The base64url text.</param>
    /// <param name="key">Verifies the signature; null trusts it: the text is the caller's own, or came from where only true ones come from.</param>
    /// <param name="scratch">At least <see cref="FlowToken.MaxLength"/> octets, which must live as long as the view.</param>
    /// <param name="view">The flow.</param>
    /// <returns>False when the text is no token, or another key signed it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, EdgeKey? key, Span<byte> scratch, out FlowTokenView view)
    {
        view = default;
        // Base64url decoding skips white space; a token has none, and one text must mean one token.
        if (text.Length > FlowToken.MaxLength || text.ContainsAnyExcept(s_alphabet)
            || Base64Url.DecodeFromUtf8(text, scratch, out _, out int length) != OperationStatus.Done
            || length < FlowToken.MacLength + 2)
            return false;
        ReadOnlySpan<byte> octets = scratch[..(length - FlowToken.MacLength)];
        if (key is not null)
        {
            Span<byte> mac = stackalloc byte[32];
            key.SignToken(octets, mac);
            if (!CryptographicOperations.FixedTimeEquals(mac[..FlowToken.MacLength], scratch.Slice(octets.Length, FlowToken.MacLength)))
                return false;
        }
        return TryReadOctets(octets, out view);
    }

    private static bool TryReadOctets(ReadOnlySpan<byte> octets, out FlowTokenView view)
    {
        view = default;
        byte transport = (byte)(octets[0] & 0x0F);
        byte flags = octets[1];
        if (octets[0] >> 4 != FlowToken.Version || transport > (byte)SipTransport.Wss || (flags & ~(FlowToken.RemoteIsIPv6 | FlowToken.RemoteHasScope | FlowToken.RemoteIsProved)) != 0)
            return false;
        bool ipv6 = (flags & FlowToken.RemoteIsIPv6) != 0;
        bool scoped = (flags & FlowToken.RemoteHasScope) != 0;
        bool stream = transport != (byte)SipTransport.Udp;
        int fixedLength = 7 + (stream ? 8 : 0) + (ipv6 ? 16 : 4) + (scoped ? 4 : 0) + 2;
        if (octets.Length < fixedLength)
            return false;

        uint edgeId = BinaryPrimitives.ReadUInt32BigEndian(octets[2..]);
        byte listener = octets[6];
        octets = octets[7..];
        ulong connectionId = 0;
        if (stream)
        {
            connectionId = BinaryPrimitives.ReadUInt64BigEndian(octets);
            octets = octets[8..];
        }
        ReadOnlySpan<byte> address = octets[..(ipv6 ? 16 : 4)];
        octets = octets[address.Length..];
        uint scope = 0;
        if (scoped)
        {
            scope = BinaryPrimitives.ReadUInt32BigEndian(octets);
            octets = octets[4..];
        }
        var remote = new InternetEndPoint(address, BinaryPrimitives.ReadUInt16BigEndian(octets), scope);
        octets = octets[2..];
        if (!TryTakeName(ref octets, out ReadOnlySpan<byte> host) || octets.Length < 2)
            return false;
        int port = BinaryPrimitives.ReadUInt16BigEndian(octets);
        octets = octets[2..];
        if (!TryTakeName(ref octets, out ReadOnlySpan<byte> serverName))
            return false;
        UInt128 proved = 0;
        if ((flags & FlowToken.RemoteIsProved) != 0 && octets.Length == 16)
        {
            proved = BinaryPrimitives.ReadUInt128BigEndian(octets);
            octets = octets[16..];
        }
        if (!octets.IsEmpty || (proved != 0) != ((flags & FlowToken.RemoteIsProved) != 0))
            return false;
        view = new FlowTokenView(transport, edgeId, listener, connectionId, remote, host, port, serverName, proved);
        return true;
    }

    private static bool TryTakeName(scoped ref ReadOnlySpan<byte> octets, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (octets.IsEmpty || octets[0] > octets.Length - 1)
            return false;
        name = octets.Slice(1, octets[0]);
        octets = octets[(1 + name.Length)..];
        return true;
    }

    private static readonly SearchValues<byte> s_alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);
}
