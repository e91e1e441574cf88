using System.Net;
using System.Net.Sockets;
using CloudPbx.Sip.Resolution;
using DnsClient;
using DnsClient.Protocol;
using SipNaptr = CloudPbx.Sip.Resolution.NaptrRecord;
using SipSrv = CloudPbx.Sip.Resolution.SrvRecord;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Asks the system's name servers, or given ones; for addresses that those do not know also the machine's own names (<c>/etc/hosts</c>).</summary>
internal sealed class DnsClientRecords : IDnsRecords
{
    // RFC 2308 §5 without the zone's own word: long enough not to ask at every call, short enough to see a new record soon.
    private static readonly TimeSpan s_negativeLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_hostsLife = TimeSpan.FromSeconds(30);

    private readonly Lazy<LookupClient> _client;

    /// <summary>Asks name servers.</summary>
    /// <param name="servers">Which; none: the system's.</param>
    public DnsClientRecords(params IPEndPoint[] servers) => _client = new(() => new LookupClient(Configure(servers.Length == 0 ? new LookupClientOptions() : new LookupClientOptions(servers))));

    /// <inheritdoc/>
    public Task<DnsAnswer<SipNaptr>> NaptrAsync(string name, CancellationToken cancel) => AskAsync(
        name, QueryType.NAPTR, record => record is NAPtrRecord naptr
            ? new SipNaptr(naptr.Order, naptr.Preference, naptr.Flags, naptr.Services, naptr.Replacement.Value) : null, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<SipSrv>> SrvAsync(string name, CancellationToken cancel) => AskAsync(
        name, QueryType.SRV, record => record is DnsClient.Protocol.SrvRecord srv ? new SipSrv(srv.Priority, srv.Weight, srv.Port, srv.Target.Value) : null, cancel);

    /// <inheritdoc/>
    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel)
    {
        DnsAnswer<IPAddress>[] both = await Task.WhenAll(
            AskAsync(name, QueryType.A, record => (record as ARecord)?.Address, cancel), AskAsync(name, QueryType.AAAA, record => (record as AaaaRecord)?.Address, cancel));
        if (Array.Exists(both, answer => answer.Outcome == DnsOutcome.Found))
            return DnsAnswer.Found<IPAddress>([.. both[0].Records, .. both[1].Records], both.Where(answer => answer.Outcome == DnsOutcome.Found).Min(answer => answer.TimeToLive));
        if (await FromHostsAsync(name, cancel) is { Count: > 0 } known)
            return DnsAnswer.Found(known, s_hostsLife);
        return Array.Find(both, answer => answer.Outcome == DnsOutcome.Failed) ?? both[0];
    }

    private static LookupClientOptions Configure(LookupClientOptions options)
    {
        options.UseCache = false;                                 // CachedDnsRecords knows what may be served stale
        options.ThrowDnsErrors = false;
        options.Timeout = TimeSpan.FromSeconds(2);
        options.Retries = 1;
        options.ContinueOnDnsError = true;
        return options;
    }

    private async Task<DnsAnswer<T>> AskAsync<T>(string name, QueryType type, Func<DnsResourceRecord, T?> read, CancellationToken cancel)
        where T : class
    {
        try
        {
            IDnsQueryResponse response = await _client.Value.QueryAsync(name, type, cancellationToken: cancel);
            if (response.HasError && response.Header.ResponseCode is not (DnsHeaderResponseCode.NotExistentDomain or DnsHeaderResponseCode.NoError))
                return DnsAnswer.Failed<T>();
            T[] records = [.. response.Answers.Select(read).OfType<T>()];
            TimeSpan life = records.Length == 0 ? s_negativeLife : TimeSpan.FromSeconds(response.Answers.Min(record => record.TimeToLive));
            return DnsAnswer.Found(records, life);
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or TimeoutException or ArgumentException or InvalidOperationException)
        {
            return DnsAnswer.Failed<T>();                         // silent servers, or none at all
        }
    }

    private static async Task<IReadOnlyList<IPAddress>> FromHostsAsync(string name, CancellationToken cancel)
    {
        try
        {
            return [.. (await Dns.GetHostAddressesAsync(name, cancel)).OrderBy(address => address.AddressFamily)];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }
}
