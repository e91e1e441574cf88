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

    /// <summary>The most hosts that are asked for at one time.</summary>
    private const int MaximumAtOnce = 8;

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
        DnsAnswer<SrvRecord>[] answers = await Task.WhenAll(services.Select(service => dns.SrvAsync(service.Name, cancel))).ConfigureAwait(false);
        bool anyFailure = Array.Exists(answers, answer => answer.Outcome == DnsOutcome.Failed);
        bool anyRecord = Array.Exists(answers, answer => answer.Outcome == DnsOutcome.Found);
        var targets = answers.SelectMany((answer, i) => SrvOrdering.Order(answer.Records, random).Select(record => (services[i].Transport, Record: record))).Where(target => IsUsable(target.Record)).Take(MaximumHops);
        List<NextHop> hops = [];
        // Not one after the other: where their name server is silent a caller waits for it once, not for each of them.
        foreach ((SipTransport Transport, SrvRecord Record)[] some in targets.Chunk(MaximumAtOnce))
        {
            if (hops.Count >= MaximumHops)
                break;
            DnsAnswer<IPAddress>[] found = await Task.WhenAll(some.Select(target => dns.AddressesAsync(TargetOf(target.Record), cancel))).ConfigureAwait(false);
            anyFailure |= Array.Exists(found, answer => answer.Outcome == DnsOutcome.Failed);
            hops.AddRange(found.SelectMany((answer, i) => answer.Records.Select(address => HopTo(address, some[i].Record.Port, some[i].Transport))));
        }
        if (hops.Count > 0)
            return Ordered([.. hops.Take(MaximumHops)]);
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

    /// <summary>RFC 2782: a target that is the root says that the service is not there.</summary>
    private static bool IsUsable(SrvRecord record) => TargetOf(record).Length > 0 && record.Port is > 0 and <= IPEndPoint.MaxPort;

    private static string TargetOf(SrvRecord record) => record.Target.TrimEnd('.');

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
