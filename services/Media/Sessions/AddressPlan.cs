using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Sessions;

/// <summary>Chooses our address in SDP for each peer, by where its signalling comes from.</summary>
internal sealed class AddressPlan
{
    private readonly IPAddress _bind;
    private readonly IPAddress? _public;
    private readonly IPNetwork[] _localNets;

    public AddressPlan(MediaOptions options)
    {
        _bind = IPAddress.Parse(options.Bind);
        _public = string.IsNullOrEmpty(options.PublicAddress) ? null : IPAddress.Parse(options.PublicAddress);
        _localNets = options.LocalNets.Count > 0 ? [.. options.LocalNets.Select(IPNetwork.Parse)] : InterfaceNetworks();
    }

    /// <summary>The address that is announced to the outside; null when there is none of its own.</summary>
    public IPAddress? Public => _public;

    /// <summary>The family of our RTP sockets: others cannot be reached.</summary>
    public AddressFamily Family => _bind.AddressFamily;

    /// <summary>An IPv4 address in IPv6 clothes is an IPv4 address.</summary>
    public static IPAddress Normalise(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Our address for a peer.</summary>
    /// <param name="peer">Where its signalling comes from, or null.</param>
    public IPAddress For(IPAddress? peer)
    {
        peer = peer is null ? null : Normalise(peer);
        bool isLocal = peer is not null && (IPAddress.IsLoopback(peer) || Array.Exists(_localNets, net => net.Contains(peer)));
        if (_public is not null && !isLocal)
            return _public;
        if (!_bind.Equals(IPAddress.Any) && !_bind.Equals(IPAddress.IPv6Any))
            return _bind;
        IPAddress? facing = peer?.AddressFamily == Family ? UdpSocket.SourceTowards(peer) : null;
        return facing ?? UdpSocket.SourceTowards(Family == AddressFamily.InterNetwork ? s_anyone : s_anyone6) ?? _public
            ?? (Family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
    }

    // Addresses for documentation (RFC 5737, RFC 3849): only the default route is asked for.
    private static readonly IPAddress s_anyone = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_anyone6 = IPAddress.Parse("2001:db8::1");

    private static IPNetwork[] InterfaceNetworks()
    {
        var nets = new List<IPNetwork>();
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation own in card.GetIPProperties().UnicastAddresses)
                nets.Add(IPNetwork.Parse($"{Prefix(own.Address, own.PrefixLength)}/{own.PrefixLength}"));
        }
        return [.. nets];
    }

    private static IPAddress Prefix(IPAddress address, int bits)
    {
        byte[] octets = address.GetAddressBytes();
        for (int i = 0; i < octets.Length; i++)
            octets[i] &= (byte)(0xFF00 >> Math.Clamp(bits - (8 * i), 0, 8));
        return new IPAddress(octets);
    }
}
