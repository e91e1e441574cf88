using System.Net;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Resolution;

/// <summary>Finds where a request goes: NAPTR, then SRV, then addresses (RFC 3263 §4).</summary>
/// <remarks>Thread-safe. It asks afresh each time; <see cref="CachedDnsRecords"/> remembers.</remarks>
/// <param name="dns">Asks DNS.</param>
/// <param name="down">Which places did not answer lately.</param>
/// <param name="random">Draws by weight; must be thread-safe.</param>
public sealed class NextHopResolver(IDnsRecords dns, DownTargets down, Random random)
{
    /// <summary>The most places that are given: whoever writes the zone does not decide how long a caller waits.</summary>
    public const int MaximumHops = 32;

    /// <summary>The most SRV names that are looked up for one domain.</summary>
    private const int MaximumServices = 6;

    /// <summary>Finds the places for a query, those that are known to be down last.</summary>
    /// <param name="query">Where the request is to go.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<NextHops> ResolveAsync(NextHopQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        string host = query.Host.Trim('[', ']').TrimEnd('.');
        SipTransport? said = query.IsSecure ? SipTransport.Tls : query.Transport;
        if (IPAddress.TryParse(host, out IPAddress? address))
            return new NextHops([HopTo(address, query.Port, said ?? SipTransport.Udp)], null);              // §4.1, §4.2: an address is what it is
        if (query.Port is not null)
            return await FromAddressesAsync(host, query.Port, said ?? SipTransport.Udp, cancel).ConfigureAwait(false);
        List<(SipTransport Transport, string Name)> services = said is { } only
            ? [(only, SrvName(only, host))]
            : await FindServicesAsync(host, cancel).ConfigureAwait(false);
        List<NextHop> hops = [];
        bool anyRecord = false;
        bool anyFailure = false;
        foreach ((SipTransport transport, string name) in services)
        {
            DnsAnswer<SrvRecord> answer = await dns.SrvAsync(name, cancel).ConfigureAwait(false);
            anyFailure |= answer.Outcome == DnsOutcome.Failed;
            anyRecord |= answer.Outcome == DnsOutcome.Found;
            foreach (SrvRecord record in SrvOrdering.Order(answer.Records, random))
                anyFailure |= !await AddAsync(hops, record, transport, cancel).ConfigureAwait(false);
        }
        if (hops.Count > 0)
            return Ordered(hops);
        if (anyRecord)
            return new NextHops([], $"The SRV records of {host} name no host that can be found");            // §4.2, I27: no A record after SRV
        if (anyFailure)
            return new NextHops([], $"DNS does not answer for {host}");
        return await FromAddressesAsync(host, null, said ?? SipTransport.Udp, cancel).ConfigureAwait(false);
    }

    /// <summary>§4.1: which SRV names to ask for: those that NAPTR gives, else those of all transports.</summary>
    private async Task<List<(SipTransport Transport, string Name)>> FindServicesAsync(string host, CancellationToken cancel)
    {
        DnsAnswer<NaptrRecord> answer = await dns.NaptrAsync(host, cancel).ConfigureAwait(false);
        var usable = answer.Records
            .Where(record => record.Flags.Equals("s", StringComparison.OrdinalIgnoreCase) && TransportOf(record.Services) is not null)
            .OrderBy(record => record.Order).ThenBy(record => record.Preference).Take(MaximumServices).ToList();
        // RFC 3403 §4.1: once one of an order fits, those of higher orders are not looked at.
        List<(SipTransport Transport, string Name)> names = [.. usable.Where(record => record.Order == usable[0].Order).Select(record => (TransportOf(record.Services)!.Value, record.Replacement.TrimEnd('.')))];
        if (names.Count == 0)
            names = [.. new[] { SipTransport.Udp, SipTransport.Tcp, SipTransport.Tls }.Select(transport => (transport, SrvName(transport, host)))];
        return names;
    }

    /// <returns>False where DNS did not say what the host's addresses are.</returns>
    private async Task<bool> AddAsync(List<NextHop> hops, SrvRecord record, SipTransport transport, CancellationToken cancel)
    {
        string target = record.Target.TrimEnd('.');
        if (target.Length == 0 || record.Port is <= 0 or > IPEndPoint.MaxPort || hops.Count >= MaximumHops)
            return true;
        DnsAnswer<IPAddress> addresses = await dns.AddressesAsync(target, cancel).ConfigureAwait(false);
        foreach (IPAddress address in addresses.Records.Take(MaximumHops - hops.Count))
            hops.Add(HopTo(address, record.Port, transport));
        return addresses.Outcome != DnsOutcome.Failed;
    }

    private async Task<NextHops> FromAddressesAsync(string host, int? port, SipTransport transport, CancellationToken cancel)
    {
        DnsAnswer<IPAddress> answer = await dns.AddressesAsync(host, cancel).ConfigureAwait(false);
        return answer.Outcome switch
        {
            DnsOutcome.Found => Ordered([.. answer.Records.Take(MaximumHops).Select(address => HopTo(address, port, transport))]),
            DnsOutcome.None => new NextHops([], $"There is no host {host}"),
            _ => new NextHops([], $"DNS does not answer for {host}"),
        };
    }

    private NextHops Ordered(List<NextHop> hops) => new([.. hops.Distinct().OrderBy(down.IsDown)], null);

    private static NextHop HopTo(IPAddress address, int? port, SipTransport transport) =>
        new(new IPEndPoint(address, port ?? (transport == SipTransport.Tls ? 5061 : 5060)), transport);

    private static SipTransport? TransportOf(string services) => services.ToUpperInvariant() switch
    {
        "SIP+D2U" => SipTransport.Udp,
        "SIP+D2T" => SipTransport.Tcp,
        "SIPS+D2T" => SipTransport.Tls,
        _ => null,
    };

    private static string SrvName(SipTransport transport, string host) => transport switch
    {
        SipTransport.Udp => $"_sip._udp.{host}",
        SipTransport.Tcp => $"_sip._tcp.{host}",
        _ => $"_sips._tcp.{host}",
    };
}
