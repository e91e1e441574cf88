using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Scenarios.Attacks;

/// <summary>SECURITY.md S2: a scanner against the traps that everybody has. Not by SIPVicious itself, which gives up at answers that tell it nothing. A product of its own, since its address ends up in silence.</summary>
public sealed class TrapScenarios(ProductFixture fixture) : IClassFixture<ProductFixture>
{
    private const int Names = 100;
    private static readonly byte[] s_stun = [0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42, .. "0123456789ab"u8, 0x80, 0x22, 0, 12, .. "Test of mine"u8];       // as long as its answer (S32)

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S2_a_scanner_soon_gets_silence_and_phones_at_its_address_still_get_in()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        using UdpClient scanner = new(new IPEndPoint(IPAddress.Loopback, 0));
        await Scanner.EarnAnswersAsync(scanner, fixture.Pbx.SipPort, Cancel);
        scanner.Connect(IPAddress.Loopback, fixture.Pbx.SipPort);
        int answers = 0;
        for (int name = 100; name < 100 + Names; name++)          // the first three are there
        {
            await scanner.SendAsync(Register(name, company.Domain, scanner.Client.LocalEndPoint!), Cancel);
            await scanner.SendAsync(s_stun, Cancel);
            while ((await scanner.ReceiveAsync(Cancel)).Buffer is not [1, 1, ..] and var answer)
            {
                Assert.StartsWith("SIP/2.0 401 ", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
                answers++;
            }
        }
        Assert.InRange(answers, 1, 26);                           // what a worker answers may come after the next name, or not before the silence
        Assert.Contains("cloudpbx_edge_sources_trapped_total{", (await fixture.Pbx.Api.PageAsync("/metrics", Cancel)).Text, StringComparison.Ordinal);

        await company.RegisterAsync("100", SipTransport.Tls);     // a connection proves its address, and with a password the address is a phone's
        await company.RegisterAsync("101", SipTransport.Udp);
    }

    private static byte[] Register(int name, string domain, EndPoint from) => Encoding.ASCII.GetBytes(
        $"REGISTER sip:{domain} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-{name};rport\r\nFrom: \"{name}\"<sip:{name}@{domain}>;tag={name}\r\nTo: \"{name}\"<sip:{name}@{domain}>\r\n"
        + $"Call-ID: {name}\r\nCSeq: 1 REGISTER\r\nContact: <sip:{name}@{domain}>\r\nMax-Forwards: 70\r\nAccept: application/sdp\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n");
}
