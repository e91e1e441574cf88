using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CloudPbx.Media.Ports;

namespace CloudPbx.Media.Relay;

/// <summary>Where the node may send to (SECURITY.md S17): an SDP cannot make it reach what its sender could not.</summary>
internal sealed class DestinationPolicy(PortPool pool, IReadOnlyList<IPAddress> publicAddresses)
{
    /// <summary>Judges an address from SDP.</summary>
    /// <param name="address">The address, IPv4-mapped ones already made IPv4.</param>
    /// <param name="port">The port.</param>
    /// <param name="signalling">Where the peer's signalling comes from; null when unknown.</param>
    /// <returns>Whether packets may be sent there before any came from there.</returns>
    public bool Allows(IPAddress address, int port, IPAddress? signalling)
    {
        if (port is < 1 or > 65535 || IsNobody(address))
            return false;
        if (IPAddress.IsLoopback(address))
        {
            // Only a peer on this machine may name this machine's inside, and never the ports of our other calls.
            return signalling is not null && IsOwn(signalling) && !pool.IsTaken(port);
        }
        if (IsLinkLocal(address))
            return signalling is not null && IsLinkLocal(signalling);
        if (IsOwn(address))
            return signalling is not null && IsOwn(signalling) ? !pool.IsTaken(port) : !pool.InRange(port);
        // A private address behind a public one is the inside of the peer's NAT, or of our own network: wait until packets come.
        return !IsPrivate(address) || signalling is null || IsPrivate(signalling) || IPAddress.IsLoopback(signalling);
    }

    private static bool IsNobody(IPAddress address)
    {
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast) || address.IsIPv6Multicast)
            return true;
        Span<byte> octets = stackalloc byte[16];
        return address.AddressFamily == AddressFamily.InterNetwork && address.TryWriteBytes(octets, out _) && octets[0] is 0 or >= 224;
    }

    private static bool IsLinkLocal(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? s_linkLocal.Contains(address)
        : address.IsIPv6LinkLocal;

    private static bool IsPrivate(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? Array.Exists(s_private, net => net.Contains(address))
        : address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal;

    private bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || publicAddresses.Contains(address) || s_own.Value.Contains(address);

    private static readonly IPNetwork s_linkLocal = IPNetwork.Parse("169.254.0.0/16");

    private static readonly IPNetwork[] s_private =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10")];

    private static readonly Lazy<HashSet<IPAddress>> s_own = new(() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)]);
}
