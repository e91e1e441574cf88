using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Sessions;

/// <summary>Chooses each leg's family of addresses, and our address in SDP for its peer: by what the peer describes, and where its signalling comes from. The latter is the edge's rule, too.</summary>
internal sealed class AddressPlan
{
    // Addresses for documentation (RFC 5737, RFC 3849): only the route to them is asked for.
    private static readonly IPAddress s_anyone = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_anyone6 = IPAddress.Parse("2001:db8::1");

    private readonly IReadOnlyList<IPAddress> _binds;
    private readonly AdvertisedAddresses _addresses;

    /// <param name="binds">The local addresses of the RTP sockets, one of each family that is served; the first one's is for who says nothing of a family.</param>
    /// <param name="publics">The addresses that are announced to the outside, at most one of each family.</param>
    /// <param name="localNets">Networks whose peers get our local address; empty: those of the interfaces.</param>
    /// <param name="time">The clock.</param>
    public AddressPlan(IReadOnlyList<IPAddress> binds, IReadOnlyList<IPAddress> publics, IEnumerable<string> localNets, TimeProvider time)
    {
        _binds = binds;
        _addresses = new AdvertisedAddresses(publics.Select(address => address.ToString()), localNets.Select(n => IPNetwork.Parse(n)), time);
    }

    /// <summary>The addresses of those families that this machine has. Without any of them: all, so that it is seen what is missing.</summary>
    public static IReadOnlyList<IPAddress> Served(IReadOnlyList<IPAddress> binds, Func<AddressFamily, bool> has) =>
        binds.Where(bind => has(bind.AddressFamily)).ToArray() is { Length: > 0 } served ? served : binds;

    /// <summary>An IPv4 address in IPv6 clothes is an IPv4 address.</summary>
    public static IPAddress Normalise(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The family of a leg, and our address there.</summary>
    /// <param name="signalling">Where its peer's signalling comes from, or null.</param>
    /// <param name="described">An address that its media has, or had on our side: its family goes first. Null where there is none that counts.</param>
    public OwnAddress Choose(IPAddress? signalling, IPAddress? described = null)
    {
        signalling = signalling is null ? null : Normalise(signalling);
        foreach (IPAddress? hint in (ReadOnlySpan<IPAddress?>)[described, signalling])
        {
            if (hint is null || _binds.FirstOrDefault(b => b.AddressFamily == hint.AddressFamily) is not { } bind)
                continue;
            IPAddress peer = signalling?.AddressFamily == hint.AddressFamily ? signalling : hint;
            // A machine that has no address of a family but its own inside's cannot be reached there.
            if (For(bind, peer) is var own && (IPAddress.IsLoopback(peer) || !IPAddress.IsLoopback(IPAddress.Parse(own))))
                return new OwnAddress(bind.AddressFamily, own);
        }
        // A peer that signals in another family, or from nowhere, gets what the world gets.
        IPAddress first = _binds[0];
        return new OwnAddress(first.AddressFamily, For(first, signalling?.AddressFamily == first.AddressFamily ? signalling : Anyone(first)));
    }

    /// <summary>What the world gets, in each family.</summary>
    public override string ToString() => string.Join(", ", _binds.Select(bind => For(bind, Anyone(bind))));

    private string For(IPAddress bind, IPAddress peer) => _addresses.For(InternetEndPoint.From(new IPEndPoint(peer, 0)), bind);

    private static IPAddress Anyone(IPAddress bind) => bind.AddressFamily == AddressFamily.InterNetwork ? s_anyone : s_anyone6;
}

/// <summary>Where a leg of ours is reached.</summary>
/// <param name="Family">The family of its sockets.</param>
/// <param name="Address">The address in its SDP.</param>
internal readonly record struct OwnAddress(AddressFamily Family, string Address);
