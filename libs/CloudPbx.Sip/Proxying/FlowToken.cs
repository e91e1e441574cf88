using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>Names the flow that a message came in on (RFC 5626 §5.2): all that an edge knows of it, so that it needs no memory and a
/// worker learns it without asking. Text form: base64url, signed with 80 bits of HMAC-SHA256.</summary>
/// <remarks>
/// <para>Octets before the base64url: version and transport (4 bits each), flags, edge (4), listener (1), connection (8, streams only), remote address
/// (4 or 16, and 4 of zone when flagged), remote port (2), advertised host (length and ASCII), advertised port (2), server name (length and ASCII),
/// proved source (16, when flagged), MAC (10).</para>
/// <para>A worker gets tokens over the inner link, which it trusts, and reads them without the key. An edge that is asked to send verifies first.</para>
/// </remarks>
public readonly record struct FlowToken
{
    /// <summary>The most characters of a token's text.</summary>
    public const int MaxLength = (MaxOctets + 2) / 3 * 4;

    /// <summary>The most octets of the advertised host, and of the TLS server name. A longer server name is left out.</summary>
    public const int MaxNameLength = 100;

    internal const int MacLength = 10;
    internal const int MaxOctets = 1 + 1 + 4 + 1 + 8 + 20 + 2 + 1 + MaxNameLength + 2 + 1 + MaxNameLength + 16 + MacLength;
    internal const byte Version = 1;
    internal const byte RemoteIsIPv6 = 1;
    internal const byte RemoteHasScope = 2;
    internal const byte RemoteIsProved = 4;

    /// <summary>The edge that owns the flow's connection. Any edge may send on a UDP flow when that edge is gone.</summary>
    public required uint EdgeId { get; init; }

    /// <summary>The flow's transport.</summary>
    public required SipTransport Transport { get; init; }

    /// <summary>The connection's number in its edge; 0 for UDP.</summary>
    public ulong ConnectionId { get; init; }

    /// <summary>Which of the edge's UDP sockets the peer sent to; 0 for connections.</summary>
    public byte Listener { get; init; }

    /// <summary>The peer's address and port as the edge saw them.</summary>
    public required InternetEndPoint Remote { get; init; }

    /// <summary>The host that this peer reaches us at (RFC 3261 sent-by): a name or an address, IPv6 without brackets.</summary>
    public required string AdvertisedHost { get; init; }

    /// <summary>The port that this peer reaches us at.</summary>
    public required int AdvertisedPort { get; init; }

    /// <summary>The name that the peer asked for in TLS (SNI, RFC 6066 §3), or null.</summary>
    public string? ServerName { get; init; }

    /// <summary>What the peer proved by its client certificate (RFC 5246 §7.4.6, RFC 8446 §4.4.2): a digest of what the directory calls it; 0: nothing.</summary>
    public UInt128 ProvedSource { get; init; }

    /// <summary>Reads a token and verifies its signature.</summary>
    /// <param name="text">The base64url text.</param>
    /// <param name="key">The edges' key.</param>
    /// <param name="token">The flow.</param>
    /// <returns>False when the text is no token or another key signed it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, EdgeKey key, out FlowToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryParseCore(text, key, out token);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, EdgeKey, out FlowToken)"/>
    public static bool TryParse(ReadOnlySpan<char> text, EdgeKey key, out FlowToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryParseChars(text, key, out token);
    }

    /// <summary>Reads a token that came over a trusted inner link, without verifying its signature.</summary>
    /// <returns>False when the text is no token.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out FlowToken token) => TryParseChars(text, null, out token);

    /// <summary>Writes the signed text. Does not allocate.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> octets.</param>
    /// <returns>The octets written.</returns>
    /// <exception cref="ArgumentException">The destination is too short, or the advertised host longer than <see cref="MaxNameLength"/>.</exception>
    public int Write(EdgeKey key, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (AdvertisedHost.Length > MaxNameLength)
            throw new ArgumentException("The advertised host is too long for a flow token.");
        Span<byte> octets = stackalloc byte[MaxOctets];
        bool scope = Remote.ScopeId != 0;
        octets[0] = (byte)((Version << 4) | (int)Transport);
        octets[1] = (byte)((Remote.IsIPv6 ? RemoteIsIPv6 : 0) | (scope ? RemoteHasScope : 0) | (ProvedSource != 0 ? RemoteIsProved : 0));
        BinaryPrimitives.WriteUInt32BigEndian(octets[2..], EdgeId);
        octets[6] = Listener;
        int length = 7;
        if (Transport != SipTransport.Udp)
        {
            BinaryPrimitives.WriteUInt64BigEndian(octets[length..], ConnectionId);
            length += 8;
        }
        _ = Remote.TryWriteAddress(octets[length..]);
        length += Remote.AddressLength;
        if (scope)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets[length..], Remote.ScopeId);
            length += 4;
        }
        BinaryPrimitives.WriteUInt16BigEndian(octets[length..], Remote.Port);
        length += 2;
        length += WriteName(AdvertisedHost, octets[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(octets[length..], (ushort)AdvertisedPort);
        length += 2;
        length += WriteName(ServerName is { Length: <= MaxNameLength } name ? name : "", octets[length..]);
        if (ProvedSource != 0)
        {
            BinaryPrimitives.WriteUInt128BigEndian(octets[length..], ProvedSource);
            length += 16;
        }

        Span<byte> mac = stackalloc byte[32];
        key.SignToken(octets[..length], mac);
        mac[..MacLength].CopyTo(octets[length..]);
        length += MacLength;
        return Base64Url.EncodeToUtf8(octets[..length], destination);
    }

    /// <summary>The signed text. Allocates.</summary>
    public string ToString(EdgeKey key)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..Write(key, text)]);
    }

    private static bool TryParseChars(ReadOnlySpan<char> text, EdgeKey? key, out FlowToken token)
    {
        token = default;
        Span<byte> octets = stackalloc byte[MaxLength];
        return text.Length <= MaxLength && Encoding.ASCII.TryGetBytes(text, octets, out int length) && TryParseCore(octets[..length], key, out token);
    }

    private static bool TryParseCore(ReadOnlySpan<byte> text, EdgeKey? key, out FlowToken token)
    {
        token = default;
        if (!FlowTokenView.TryRead(text, key, stackalloc byte[MaxOctets], out FlowTokenView view))
            return false;
        token = new FlowToken
        {
            EdgeId = view.EdgeId,
            Transport = view.Transport,
            ConnectionId = view.ConnectionId,
            Listener = view.Listener,
            Remote = view.Remote,
            AdvertisedHost = Encoding.ASCII.GetString(view.AdvertisedHost),
            AdvertisedPort = view.AdvertisedPort,
            ProvedSource = view.ProvedSource,
            ServerName = view.ServerName.IsEmpty ? null : Encoding.ASCII.GetString(view.ServerName),
        };
        return true;
    }

    private static int WriteName(string name, Span<byte> destination)
    {
        destination[0] = (byte)name.Length;
        _ = Encoding.ASCII.GetBytes(name, destination[1..]);
        return 1 + name.Length;
    }
}
