using System.Buffers;
using System.Net;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>Host and port of URIs and Via (RFC 3261 §25.1 <c>host</c>, <c>hostport</c>).</summary>
internal static class SipHost
{
    // The underscore is no host name character, but names of containers and Windows machines have it.
    private static readonly SearchValues<byte> s_name =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"u8);

    private static readonly SearchValues<byte> s_address = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Takes a host name, IPv4 address or bracketed IPv6 address from the front.</summary>
    public static SipParseError Take(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> host)
    {
        int length = rest.IndexOfAnyExcept(s_name) is int end and >= 0 ? end : rest.Length;
        if (length == 0 && !rest.IsEmpty && rest[0] == (byte)'[')
        {
            length = rest.IndexOf((byte)']') + 1;
            if (length == 0 || !IsIPv6(rest[1..(length - 1)]))
                length = 0;
        }
        host = rest[..length];
        rest = rest[length..];
        return length is > 0 and <= SipLimits.Host ? SipParseError.None : SipParseError.Host;
    }

    /// <summary>Reads a port that is all of the octets.</summary>
    public static SipParseError ReadPort(ReadOnlySpan<byte> octets, out int port)
    {
        bool read = Digits.TryParse(octets, out uint number) && number <= ushort.MaxValue;
        port = read ? (int)number : -1;
        return read ? SipParseError.None : SipParseError.Port;
    }

    /// <summary>The host as a string; the third colon that RFC 3261's grammar wanted before an IPv4 part is left out (RFC 5118 §4.10).</summary>
    public static string ToText(string host) => host.Replace(":::", "::", StringComparison.Ordinal);

    /// <summary>The host with brackets around it if it is an IPv6 address without.</summary>
    public static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;

    private static bool IsIPv6(ReadOnlySpan<byte> address)
    {
        if (address.Length > 64 || address.ContainsAnyExcept(s_address) || !address.Contains((byte)':'))
            return false;
        int bug = address.IndexOf(":::"u8);
        if (bug < 0)
            return IPAddress.IsValidUtf8(address);
        Span<byte> repaired = stackalloc byte[64];
        address[..bug].CopyTo(repaired);
        address[(bug + 1)..].CopyTo(repaired[bug..]);
        return IPAddress.IsValidUtf8(repaired[..(address.Length - 1)]);
    }
}
