using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Sessions;

/// <summary>Chooses our address in SDP for each peer, by where its signalling comes from: the same rule as the edge's.</summary>
internal sealed class AddressPlan
{
    private readonly IPAddress _bind;
    private readonly AdvertisedAddresses _addresses;

    public AddressPlan(MediaOptions options, TimeProvider time)
    {
        _bind = IPAddress.Parse(options.Bind);
        Public = string.IsNullOrEmpty(options.PublicAddress) ? null : IPAddress.Parse(options.PublicAddress);
        _addresses = new AdvertisedAddresses(options.PublicAddress, options.LocalNets.Select(n => IPNetwork.Parse(n)), time);
    }

    /// <summary>The address that is announced to the outside; null when there is none of its own.</summary>
    public IPAddress? Public { get; }

    /// <summary>The family of our RTP sockets: others cannot be reached.</summary>
    public AddressFamily Family => _bind.AddressFamily;

    /// <summary>An IPv4 address in IPv6 clothes is an IPv4 address.</summary>
    public static IPAddress Normalise(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Our address for a peer.</summary>
    /// <param name="peer">Where its signalling comes from, or null.</param>
    public string For(IPAddress? peer)
    {
        peer = peer is null ? null : Normalise(peer);
        // A peer that signals in the other family, or from nowhere, gets what the world gets.
        IPAddress known = peer?.AddressFamily == Family ? peer : Family == AddressFamily.InterNetwork ? s_anyone : s_anyone6;
        return _addresses.For(InternetEndPoint.From(new IPEndPoint(known, 0)), _bind);
    }

    // Addresses for documentation (RFC 5737, RFC 3849): only the route to them is asked for.
    private static readonly IPAddress s_anyone = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_anyone6 = IPAddress.Parse("2001:db8::1");
}
