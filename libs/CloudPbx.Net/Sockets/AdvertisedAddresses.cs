using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace CloudPbx.Net.Sockets;

/// <summary>Chooses the address that a peer reaches us at: an interface's own for peers of the local networks, the public one for all others.</summary>
/// <remarks>Thread-safe and allocation-free, but for a refresh of the interfaces every half minute.</remarks>
public sealed class AdvertisedAddresses
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(30);

    private readonly string? _public4, _public6;
    private readonly Network[] _localNets;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();        // one refresh at a time; readers never take it
    private volatile Interfaces _interfaces;

    /// <summary>Reads the interfaces.</summary>
    /// <param name="publicHosts">
    /// The hosts that peers outside the local networks reach us at: an address for the peers of its family, a name for all others; empty where an interface's address is right for all.
    /// </param>
    /// <param name="localNets">The local networks; empty for the interfaces' own networks.</param>
    /// <param name="time">The clock.</param>
    public AdvertisedAddresses(IEnumerable<string> publicHosts, IEnumerable<IPNetwork> localNets, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(publicHosts);
        ArgumentNullException.ThrowIfNull(localNets);
        ArgumentNullException.ThrowIfNull(time);
        string[] hosts = [.. publicHosts.Select(host => host.Trim('[', ']'))];
        string? name = Array.Find(hosts, host => !IPAddress.TryParse(host, out _));
        _public4 = OfFamily(hosts, AddressFamily.InterNetwork) ?? name;
        _public6 = OfFamily(hosts, AddressFamily.InterNetworkV6) ?? name;
        _localNets = [.. localNets.Select(n => new Network(InternetEndPoint.From(new IPEndPoint(n.BaseAddress, 0)), n.PrefixLength, ""))];
        _time = time;
        _interfaces = Read();
    }

    /// <summary>The host to name towards a peer: a name or an address, IPv6 without brackets and zone.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="local">Our address of its connection; null where the socket is bound to every address and does not tell.</param>
    public string For(in InternetEndPoint remote, IPAddress? local = null)
    {
        Interfaces interfaces = Current();
        if ((remote.IsIPv6 ? _public6 : _public4) is { } shown && !IsLocal(remote, interfaces))
            return shown;
        if (local is not null && !local.Equals(IPAddress.Any) && !local.Equals(IPAddress.IPv6Any))
            return interfaces.TextOf(local);
        // The kernel answers from the address of the interface that the peer is behind, to itself from the address called.
        string? nearest = null;
        int longest = -1;
        foreach (Network network in interfaces.Networks)
        {
            if (network.IsOwn(remote))
                return network.Text;
            if (network.Prefix > longest && network.Contains(remote))
                (nearest, longest) = (network.Text, network.Prefix);
        }
        return nearest ?? (remote.IsIPv6 ? interfaces.Default6 : interfaces.Default4);
    }

    /// <summary>Whether a peer is in a local network.</summary>
    public bool IsLocal(in InternetEndPoint remote) => IsLocal(remote, Current());

    private bool IsLocal(in InternetEndPoint remote, Interfaces interfaces)
    {
        foreach (Network network in _localNets.Length > 0 ? _localNets : interfaces.Networks)
        {
            if (network.Contains(remote))
                return true;
        }
        // A peer on this machine is local whatever networks were named.
        foreach (Network network in interfaces.Networks)
        {
            if (network.IsOwn(remote))
                return true;
        }
        return false;
    }

    private Interfaces Current()
    {
        Interfaces interfaces = _interfaces;
        if (_time.GetElapsedTime(interfaces.Stamp) < s_refresh || !_gate.TryEnter())
            return interfaces;
        try
        {
            return _interfaces = Read();
        }
        finally
        {
            _gate.Exit();
        }
    }

    private Interfaces Read()
    {
        var networks = new List<Network>();
        var texts = new Dictionary<IPAddress, string>();
        try
        {
            foreach (NetworkInterface nic in NetworkInterface.GetAllNetworkInterfaces())
            {
                if (nic.OperationalStatus is OperationalStatus.Down or OperationalStatus.NotPresent)
                    continue;
                foreach (UnicastIPAddressInformation own in nic.GetIPProperties().UnicastAddresses)
                {
                    string text = Text(own.Address);
                    texts[own.Address] = text;
                    networks.Add(new Network(InternetEndPoint.From(new IPEndPoint(own.Address, 0)), own.PrefixLength, text));
                }
            }
        }
        catch (NetworkInformationException)
        {
            // A container may hide its interfaces; the default route's address is found another way.
        }
        return new Interfaces([.. networks], texts, DefaultSource("192.0.2.1", "127.0.0.1"), DefaultSource("2001:db8::1", "::1"), _time.GetTimestamp());
    }

    private static string? OfFamily(string[] hosts, AddressFamily family) => Array.Find(hosts, host => IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == family);

    // Connecting a UDP socket sends nothing; it asks the kernel which source address its route has.
    private static string DefaultSource(string target, string otherwise)
    {
        try
        {
            var address = IPAddress.Parse(target);
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, 9);
            return Text(((IPEndPoint)socket.LocalEndPoint!).Address);
        }
        catch (SocketException)
        {
            return otherwise;
        }
    }

    private static string Text(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.ScopeIdOrZero() == 0 ? address.ToString() : new IPAddress(address.GetAddressBytes()).ToString();
    }

    private sealed record Interfaces(Network[] Networks, Dictionary<IPAddress, string> Texts, string Default4, string Default6, long Stamp)
    {
        public string TextOf(IPAddress address) => Texts.TryGetValue(address, out string? text) ? text : Text(address);
    }

    private readonly struct Network(InternetEndPoint address, int prefix, string text)
    {
        private readonly UInt128 _bits = address.Bits;
        private readonly bool _ipv6 = address.IsIPv6;

        public int Prefix { get; } = prefix;

        public string Text { get; } = text;

        public bool IsOwn(in InternetEndPoint remote) => remote.IsIPv6 == _ipv6 && remote.Bits == _bits;

        public bool Contains(in InternetEndPoint remote)
        {
            if (remote.IsIPv6 != _ipv6)
                return false;
            int host = (_ipv6 ? 128 : 32) - Prefix;
            return host >= 128 || (remote.Bits ^ _bits) >> host == 0;
        }
    }
}

file static class ScopeExtensions
{
    public static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
