using System.Net;

namespace CloudPbx.Sdp;

/// <summary>A <c>c=</c> line (RFC 8866 §5.7): where media is wanted. A multicast TTL or count behind a slash is dropped.</summary>
/// <param name="Host">An IPv4 or IPv6 address, or a host name.</param>
public sealed record SdpConnection(string Host)
{
    /// <summary>The address, or <see langword="null"/> if <see cref="Host"/> is a name (names are never resolved here).</summary>
    public IPAddress? Address { get; } = IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>True for <c>0.0.0.0</c> and <c>::</c>: send nothing, the hold of RFC 2543 (RFC 3264 §8.4).</summary>
    public bool IsUnspecified => Address is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    internal static SdpConnection? Parse(string value)
    {
        string[] parts = SdpParser.Fields(value);
        if (parts.Length != 3 || parts[0] != "IN" || parts[1] is not ("IP4" or "IP6"))
            return null;
        int slash = parts[2].IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? parts[2] : parts[2][..slash];
        return host.Length == 0 ? null : new SdpConnection(host);
    }

    /// <summary>What stands before the host.</summary>
    internal string Network => NetworkOf(Host);

    // A name has no colon, an address of IPv6 has one.
    internal static string NetworkOf(string host) => host.Contains(':', StringComparison.Ordinal) ? "IN IP6 " : "IN IP4 ";

    /// <summary>The text behind <c>c=</c>.</summary>
    public override string ToString() => Network + Host;
}
