using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.Attacks;

/// <summary>SECURITY.md S36: whoever is banned still calls for help. A product of its own, since its phones' address is banned; the carrier is at another one.</summary>
public sealed class EmergencyScenarios(ProductFixture fixture) : IClassFixture<ProductFixture>
{
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_stun = [0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42, .. "0123456789ab"u8, 0x80, 0x22, 0, 12, .. "Test of mine"u8];       // as long as its answer (S32)

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S36_a_phone_at_a_banned_address_calls_for_help_over_UDP_and_over_TLS_and_gets_silence_otherwise()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.82"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await company.CallOutsideByAsync(at, "+49309000", Cancel);
        await BanAsync(company);

        int calls = 0;
        foreach (SipTransport transport in new[] { SipTransport.Udp, SipTransport.Tls })
        {
            await using Sipp carrier = await Sipp.EarlyCarrierAsync(new PhoneAccount("carrier", "", "carrier.test", fixture.Pbx.Host, fixture.Pbx.SipPort, SipTransport.Udp) { ToneHertz = 520 }, at, s_early, Cancel);
            Phone phone = await company.StartAsync(company.Account("100", transport));
            PhoneCall call = await phone.DialAsync("112");
            Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling + s_early)).Accepted);
            await call.Audio.WaitForToneAsync(520, Deadlines.Media);
            await call.HangUpAsync();
            SippOutcome outcome = await carrier.FinishedAsync(s_early, Cancel);
            Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
            Assert.Contains("INVITE sip:112@127.0.0.82", outcome.Log, StringComparison.Ordinal);
            JsonElement record = await company.RecordAsync(++calls, Cancel);
            Assert.Equal(("answered", "carrier", "112"), (record.GetProperty("disposition").GetString(), record.GetProperty("trunkName").GetString(), record.GetProperty("trunkNumber").GetString()));
        }
        Assert.True(await IsSilentAsync(company));                  // and it is still banned
    }

    // Twenty accounts, and the wrong password of each: nobody is registered from here, so the address is banned as a whole.
    private async Task BanAsync(Company company)
    {
        for (int i = 0; i < 20; i++)
        {
            Phone guesser = await company.StartAsync(company.Account("100", SipTransport.Udp) with { User = $"9{i:D2}", Password = "wrong" });
            Assert.False((await guesser.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);
        }
        long until = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (!await IsSilentAsync(company))
            Assert.True(Environment.TickCount64 < until, $"The address is not banned.{Environment.NewLine}{fixture.Pbx.Logs()}");
        JsonElement ban = Assert.Single((await fixture.Pbx.Api.GetAsync("bans", Cancel)).GetProperty("items").EnumerateArray(), item => !item.TryGetProperty("account", out JsonElement account) || account.ValueKind == JsonValueKind.Null);
        Assert.Equal("127.0.0.1", ban.GetProperty("source").GetString());
    }

    // Whether an INVITE to a colleague gets no answer before a STUN request that was sent after it.
    private async Task<bool> IsSilentAsync(Company company)
    {
        using UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(IPAddress.Loopback, fixture.Pbx.SipPort);
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"INVITE sip:101@{company.Domain} SIP/2.0\r\nVia: SIP/2.0/UDP {socket.Client.LocalEndPoint};branch=z9hG4bK{id};rport\r\nMax-Forwards: 0\r\nFrom: <sip:100@{company.Domain}>;tag=1\r\n"
            + $"To: <sip:101@{company.Domain}>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"), Cancel);
        await socket.SendAsync(s_stun, Cancel);
        return (await socket.ReceiveAsync(Cancel)).Buffer is [1, 1, ..];
    }
}
