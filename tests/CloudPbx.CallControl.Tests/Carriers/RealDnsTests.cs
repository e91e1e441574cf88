using System.Net;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Dns;
using CloudPbx.TestKit.Namespaces;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Names of carriers, asked of a real name server: Debian's dnsmasq (RFC 3263 §4, RFC 2782, RFC 3403).</summary>
public sealed class RealDnsTests : IAsyncLifetime
{
    private NameServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DnsClientRecords Records => new(_server!.Address);

    public async ValueTask InitializeAsync() => _server = await NameServer.StartAsync(
        "carrier.test",
        [
            "--local-ttl=77", "--naptr-record=carrier.test,10,20,s,SIPS+D2T,,_sips._tcp.carrier.test", "--naptr-record=carrier.test,10,10,s,SIP+D2U,,_sip._udp.carrier.test",
            "--srv-host=_sip._udp.carrier.test,b.carrier.test,5062,20,0", "--srv-host=_sip._udp.carrier.test,a.carrier.test,5061,10,0",
            "--srv-host=_sips._tcp.carrier.test,a.carrier.test,5061,10,0",
            "--host-record=a.carrier.test,198.51.100.1,2001:db8::1", "--host-record=b.carrier.test,198.51.100.2",
        ],
        Cancel);

    [Fact]
    public async Task Every_kind_of_record_is_read_with_its_time_to_live()
    {
        DnsAnswer<NaptrRecord> naptr = await Records.NaptrAsync("carrier.test", Cancel);
        Assert.Equal(["_sip._udp.carrier.test", "_sips._tcp.carrier.test"], naptr.Records.OrderBy(r => r.Preference).Select(r => r.Replacement.TrimEnd('.')));
        Assert.Equal((10, "s", "SIP+D2U"), naptr.Records.Where(r => r.Preference == 10).Select(r => (r.Order, r.Flags, r.Services)).Single());
        DnsAnswer<SrvRecord> srv = await Records.SrvAsync("_sip._udp.carrier.test", Cancel);
        Assert.Equal([("a.carrier.test", 5061, 10), ("b.carrier.test", 5062, 20)], srv.Records.OrderBy(r => r.Priority).Select(r => (r.Target.TrimEnd('.'), r.Port, r.Priority)));
        DnsAnswer<IPAddress> addresses = await Records.AddressesAsync("a.carrier.test", Cancel);
        Assert.Equal([IPAddress.Parse("198.51.100.1"), IPAddress.Parse("2001:db8::1")], addresses.Records);
        Assert.InRange(addresses.TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(77));
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_none_and_a_server_that_is_silent_has_failed()
    {
        Assert.Equal(DnsOutcome.None, (await Records.SrvAsync("_sip._tcp.carrier.test", Cancel)).Outcome);
        Assert.Equal(DnsOutcome.None, (await Records.AddressesAsync("nobody.carrier.test", Cancel)).Outcome);
        Assert.Equal(DnsOutcome.Failed, (await new DnsClientRecords(new IPEndPoint(IPAddress.Loopback, FreePort.Udp())).SrvAsync("_sip._udp.carrier.test", Cancel)).Outcome);
    }

    [Fact]
    public async Task A_carriers_domain_leads_to_its_servers_in_the_order_that_its_records_say()      // RFC 3263 §4.1, §4.2
    {
        NextHopResolver resolver = new(new CachedDnsRecords(Records, TimeProvider.System), new DownTargets(TimeProvider.System), new Random(1));
        NextHops hops = await resolver.ResolveAsync(new NextHopQuery("carrier.test", null, null), Cancel);
        Assert.Equal(
            [
                new NextHop(IPEndPoint.Parse("198.51.100.1:5061"), SipTransport.Udp), new NextHop(IPEndPoint.Parse("[2001:db8::1]:5061"), SipTransport.Udp),
                new NextHop(IPEndPoint.Parse("198.51.100.2:5062"), SipTransport.Udp),
                new NextHop(IPEndPoint.Parse("198.51.100.1:5061"), SipTransport.Tls), new NextHop(IPEndPoint.Parse("[2001:db8::1]:5061"), SipTransport.Tls),
            ],
            hops.Hops);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
