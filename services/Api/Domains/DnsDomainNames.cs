using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Domains;

/// <summary>Asks the system's name servers, or the ones that are set. Nothing is kept: who has just created a record wants to know how it is now.</summary>
/// <remarks>Thread-safe; singleton. Carriers' names are the workers' to resolve, by what RFC 3263 makes of the answers; here the answers themselves are shown.</remarks>
internal sealed class DnsDomainNames(IOptions<DomainOptions> options) : IDomainNames
{
    private readonly Lazy<LookupClient> _client = new(() => Make(options.Value));

    public async Task<IReadOnlyList<string>?> FindAsync(string type, string name, CancellationToken cancel)
    {
        try
        {
            IDnsQueryResponse response = await _client.Value.QueryAsync(name, Enum.Parse<QueryType>(type), cancellationToken: cancel);
            if (response.HasError && response.Header.ResponseCode is not (DnsHeaderResponseCode.NotExistentDomain or DnsHeaderResponseCode.NoError))
                return null;
            return [.. response.Answers.Select(TextOf).OfType<string>()];       // a CNAME on the way is none of the records asked for
        }
        catch (Exception fault) when (fault is DnsResponseException or SocketException or TimeoutException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static LookupClient Make(DomainOptions options)
    {
        IPEndPoint[] servers = [.. options.NameServers.Select(IPEndPoint.Parse)];
        return new LookupClient(new LookupClientOptions(servers)
        {
            AutoResolveNameServers = servers.Length == 0, UseCache = false, ThrowDnsErrors = false, ContinueOnDnsError = true, Timeout = TimeSpan.FromSeconds(2), Retries = 1,
        });
    }

    private static string? TextOf(DnsResourceRecord record) => record switch
    {
        TxtRecord txt => string.Concat(txt.Text),                              // RFC 7208 §3.3: the strings of one record are one text
        SrvRecord srv => string.Create(CultureInfo.InvariantCulture, $"{srv.Priority} {srv.Weight} {srv.Port} {srv.Target.Value.TrimEnd('.')}"),
        NAPtrRecord naptr => string.Create(
            CultureInfo.InvariantCulture, $"{naptr.Order} {naptr.Preference} \"{naptr.Flags}\" \"{naptr.Services}\" \"{naptr.RegularExpression}\" {naptr.Replacement.Value.TrimEnd('.')}"),
        AddressRecord address => address.Address.ToString(),
        _ => null,
    };
}
