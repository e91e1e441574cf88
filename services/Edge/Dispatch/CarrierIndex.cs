using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Carriers' addresses, networks and certificates, looked up by a message's source. Immutable; never allocates when asked.</summary>
/// <remarks>No two networks overlap: whoever configures one that would is refused. An address that is in none is no carrier's (CVE-2024-35190).</remarks>
internal sealed class CarrierIndex
{
    private readonly Entry[] _entries;                            // by family, then by first address
    private readonly FrozenDictionary<string, Carrier> _certificates;
    private readonly FrozenSet<string> _certificateNames;         // at which one is asked for; empty: where none is named

    public CarrierIndex(ImmutableArray<CarrierSource> carriers)
    {
        _entries = [.. carriers.Select(ToEntry).OfType<Entry>().OrderBy(e => e.IsIPv6).ThenBy(e => e.First)];
        CarrierSource[] certificates = [.. carriers.Where(carrier => CertificateSource.Is(carrier.Network))];
        _certificates = certificates.ToFrozenDictionary(carrier => carrier.Network, carrier => new Carrier(carrier), StringComparer.Ordinal);
        _certificateNames = certificates.SelectMany(carrier => carrier.ServerNames).Select(name => IPAddress.TryParse(name, out _) ? "" : name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a client that connects by TLS is asked for a certificate: only where a carrier may have one, since phones have none.</summary>
    /// <param name="serverName">The name that it asks for (SNI); empty for none.</param>
    public bool AsksForCertificate(string serverName) => _certificateNames.Contains(serverName);

    /// <summary>Finds whose a client's certificate is.</summary>
    /// <param name="proved">What it proves, as <see cref="CertificateSource"/> writes it; the first that somebody has counts.</param>
    /// <returns>The source; null: it proves nothing to us.</returns>
    public string? FindProved(IEnumerable<string> proved) => proved.FirstOrDefault(_certificates.ContainsKey);

    /// <summary>Finds who is at the other end of a connection or datagram: by what was proved on the connection, else by its address.</summary>
    /// <param name="source">Where it came from; the port does not matter.</param>
    /// <param name="proved">What <see cref="FindProved"/> gave; null: nothing.</param>
    /// <returns>Null for a stranger.</returns>
    public Carrier? Find(in InternetEndPoint source, string? proved) => proved is not null && _certificates.TryGetValue(proved, out Carrier? carrier) ? carrier : Find(source);

    /// <summary>Finds whose network an address is in.</summary>
    /// <param name="source">Where a message came from; the port does not matter.</param>
    /// <returns>Null for a stranger.</returns>
    public Carrier? Find(in InternetEndPoint source)
    {
        (int low, int high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            Entry entry = _entries[middle];
            if (entry.IsIPv6 == source.IsIPv6 && entry.First <= source.Bits && source.Bits <= entry.Last)
                return entry.Carrier;
            bool isAfter = entry.IsIPv6 == source.IsIPv6 ? source.Bits > entry.Last : source.IsIPv6;
            (low, high) = isAfter ? (middle + 1, high) : (low, middle - 1);
        }
        return null;
    }

    private static Entry? ToEntry(CarrierSource source)
    {
        if (!IPNetwork.TryParse(source.Network, out IPNetwork network))
            return null;                                          // written by a later version, perhaps: it names nobody here
        var first = InternetEndPoint.From(new IPEndPoint(network.BaseAddress, 0));
        int host = (first.AddressLength * 8) - network.PrefixLength;
        UInt128 mask = host >= 128 ? UInt128.MaxValue : (UInt128.One << host) - 1;
        return new Entry(first.IsIPv6, first.Bits, first.Bits | mask, new Carrier(source));
    }

    private sealed record Entry(bool IsIPv6, UInt128 First, UInt128 Last, Carrier Carrier);
}
