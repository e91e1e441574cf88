using System.Net;
using System.Net.Sockets;

namespace CloudPbx.Api.Access;

/// <summary>Who counts as one source: an IPv4 address, or an IPv6 network of 64 bits, which is one customer's.</summary>
internal static class SourceNetwork
{
    /// <summary>The source of an address; without an address all are one.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] octets = address.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets);
    }
}
