using System.Globalization;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Bans;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>
/// SECURITY.md S2: what a scanner costs, counted in work and not in time. What it sends ends at the edge, which answers out of the datagram alone, so many a second as the guard lets through (GuardTests).
/// The messages are those of svwar and svmap of SIPVicious.
/// </summary>
public class ScannerTests
{
    private const int Accounts = 1000;
    private const int Handful = 24;

    // What those cost that stay below the trap (TrapTests).
    private readonly Action<BanOptions> _untrapped = options => options.TrapNames = 0;

    [Fact]
    public async Task S2_a_scan_for_accounts_ends_at_the_edge()
    {
        await using TestEdge edge = await StartAsync(bans: _untrapped);
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP", more: Authorized));    // the tenant is awake
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);

        await ScanAsync(edge, "REGISTER", "acme.example", "SIP/2.0 401 ");
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task S2_a_scan_for_hosts_that_names_no_tenant_reaches_no_worker(string method)
    {
        await using TestEdge edge = await StartAsync(defaultTenant: false, bans: _untrapped);
        await ScanAsync(edge, method, "198.51.100.1", "SIP/2.0 404 ");
    }

    private static async Task ScanAsync(TestEdge edge, string method, string host, string expected)
    {
        using UdpPeer scanner = new(edge.Udp, "127.32.2.1");
        int heard = 0;
        for (int sent = 0; sent < Accounts; sent += Handful)
        {
            for (int i = 0; i < Handful; i++)
                await scanner.SendAsync(Scan(method, (1000 + sent + i).ToString(CultureInfo.InvariantCulture), host));
            string[] answers = [await scanner.ReceiveAsync(), .. scanner.Waiting().Select(Encoding.ASCII.GetString)];
            Assert.All(answers, answer => Assert.StartsWith(expected, answer, StringComparison.Ordinal));
            heard += answers.Length;
        }
        Assert.InRange(heard, Accounts / Handful, Accounts + Handful);
        Assert.False(edge.Worker.HasMore);
    }

    private static byte[] Scan(string method, string number, string host) => Encoding.ASCII.GetBytes(
        $"{method} sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bK-12333{number};rport\r\nContent-Length: 0\r\nFrom: \"{number}\"<sip:{number}@{host}>;tag=3130300131373735353236363830\r\n"
        + $"Accept: application/sdp\r\nUser-Agent: friendly-scanner\r\nTo: \"{number}\"<sip:{number}@{host}>\r\nContact: sip:{number}@{host}\r\nCSeq: 1 {method}\r\nCall-ID: 1706904{number}\r\nMax-Forwards: 70\r\n\r\n");
}
