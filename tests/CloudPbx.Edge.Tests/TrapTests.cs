using System.Net;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>SECURITY.md S2: whoever asks for one name after the other gets silence, and nobody else does.</summary>
public class TrapTests
{
    private const int Many = 200;
    private const string Scanner = "User-Agent: friendly-scanner\r\n";

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("sipcli/v1.8", true)]
    [InlineData("Friendly-Scanner", true)]
    [InlineData("VaxSIPUserAgent/3.1", true)]
    [InlineData("pplsip", true)]
    [InlineData("baresip v1.0.0 (x86_64/linux)", false)]
    [InlineData("LinphoneAndroid/5.2", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void S2_known_scanners_are_known_by_what_they_say(string? agent, bool expected)
    {
        Assert.Equal(expected, ScannerAgents.Include(agent));
        Assert.Equal(expected, ScannerAgents.Include(System.Text.Encoding.ASCII.GetBytes(agent ?? "")));
    }

    [Theory]
    [InlineData(false, 18, 45)]          // 20 bits of 64 stand for 24 names: the one asked for first, 18, and the one that is caught, if each sets a bit of its own
    [InlineData(true, 9, 30)]            // 11 bits for 12
    public void S2_a_source_is_silenced_by_how_many_names_it_asks_for_and_for_a_while(bool isScanner, int least, int most)
    {
        ScannerTrap trap = Trap();
        Assert.True(trap.Ask(Source("203.0.113.1"), false, "99"u8, isScanner).IsHeard);
        _time.Advance(ScannerTrap.Patience);
        int heard = Heard(trap, "203.0.113.1", isScanner);
        Assert.InRange(heard, least, most);
        Assert.False(trap.Ask(Source("203.0.113.1"), false, "100"u8, isScanner: false).IsHeard);
        Assert.True(trap.Ask(Source("203.0.113.2"), false, "100"u8, isScanner: false).IsHeard);
        Assert.True(trap.Ask(Source("203.0.113.1"), true, "100"u8, isScanner: false).IsHeard);         // its datagrams may be forged
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(trap.Ask(Source("203.0.113.1"), false, "100"u8, isScanner: false).IsHeard);
    }

    [Fact]
    public void S2_a_phone_that_asks_for_its_own_name_or_slowly_for_some_is_heard_for_ever()
    {
        ScannerTrap trap = Trap();
        for (int i = 0; i < Many * 10; i++)
            Assert.True(trap.Ask(Source("203.0.113.1"), false, i % 2 == 0 ? "100"u8 : "101"u8, isScanner: true).IsHeard);
        for (int i = 0; i < Many; i++)
        {
            Assert.True(trap.Ask(Source("203.0.113.3"), false, BitConverter.GetBytes(i), isScanner: false).IsHeard);
            _time.Advance(TimeSpan.FromSeconds(301));
        }
    }

    [Fact]
    public void S2_an_office_whose_phones_come_back_all_at_once_is_heard_before_the_first_of_them_has_an_answer()
    {
        ScannerTrap trap = Trap();
        Assert.Equal(Many, Heard(trap, "203.0.113.1", isScanner: false));
        _time.Advance(ScannerTrap.Patience - TimeSpan.FromSeconds(1));
        Assert.Equal(Many, Heard(trap, "203.0.113.1", isScanner: false));
        trap.Authenticated(Source("203.0.113.1"));
        _time.Advance(ScannerTrap.Patience);
        Assert.Equal(Many, Heard(trap, "203.0.113.1", isScanner: false));
        Assert.InRange(Heard(trap, "203.0.113.2", isScanner: true), 10, 30);            // who calls himself a scanner waits for nobody
    }

    [Fact]
    public void S2_an_address_from_which_somebody_authenticated_and_a_trusted_network_are_not_silenced()
    {
        ScannerTrap trap = Trap();
        Heard(trap, "203.0.113.1", isScanner: true);
        trap.Authenticated(Source("203.0.113.1"));
        Assert.Equal(Many, Heard(trap, "203.0.113.1", isScanner: true));
        _time.Advance(ScannerTrap.TrustedFor);
        Assert.InRange(Heard(trap, "203.0.113.1", isScanner: true), 10, 30);
        Assert.Equal(Many, Heard(trap, "10.1.2.3", isScanner: true));
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    public async Task S2_a_scanner_gets_silence_at_the_edge_but_for_a_call_for_help_and_credentials(string method)
    {
        await using TestEdge edge = await StartAsync();
        using var scanner = new UdpPeer(edge.Udp, "127.32.3.1");
        using var neighbour = new UdpPeer(edge.Udp, "127.32.3.2");
        for (int i = 0; i < Many; i++)
            await scanner.SendAsync(Request(method, to: $"<sip:{1000 + i}@acme.example>", more: Scanner, branch: $"z9hG4bKs{i}", callId: $"s{i}"));
        await scanner.SendAsync(Request("INVITE", uri: "sip:112@acme.example", to: "<sip:112@acme.example>", more: Scanner, branch: "z9hG4bKhelp"));
        int passed = 0;
        SipRequest request = await edge.Worker.RequestAsync();
        for (; request.To.Uri.User != "112"; request = await edge.Worker.RequestAsync())
            passed++;
        Assert.InRange(passed, 10, 30);

        await scanner.SendAsync(Request(method, to: "<sip:1000@acme.example>", more: Authorized, branch: "z9hG4bKc"));
        Assert.NotNull((await edge.Worker.RequestAsync()).Headers.Get(SipHeaderName.Authorization));
        await neighbour.SendAsync(Request(method, branch: "z9hG4bKn"));
        request = await edge.Worker.RequestAsync();
        Assert.Equal("100", request.To.Uri.User);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task S2_whoever_calls_a_registered_line_may_call_any_number_of_it()
    {
        await using TestEdge edge = await StartAsync();
        using var carrier = new UdpPeer(edge.Udp, "127.32.3.5");
        string line = $"sip:{new ContactToken(Acme.Value, 7, ContactToken.LineLeg)}@127.0.0.1";
        for (int i = 0; i < Many; i++)
        {
            await carrier.SendAsync(Request("INVITE", uri: line, to: $"<sip:+4930{i:D6}@acme.example>", branch: $"z9hG4bKc{i}", callId: $"c{i}"));
            Assert.Equal("INVITE", (await edge.Worker.RequestAsync()).Method.Name);
        }
    }

    [Fact]
    public async Task S2_phones_behind_one_address_register_all_as_soon_as_one_has_a_password()
    {
        await using TestEdge edge = await StartAsync();
        using var phones = new UdpPeer(edge.Udp, "127.32.3.4");
        await phones.SendAsync(Request("REGISTER", more: Authorized));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        await phones.ReceiveAsync();
        using var others = new UdpPeer(edge.Udp, "127.32.3.4");
        for (int i = 0; i < Many; i++)
        {
            await others.SendAsync(Request("SUBSCRIBE", to: $"<sip:{1000 + i}@acme.example>", branch: $"z9hG4bKo{i}", callId: $"o{i}"));
            Assert.Equal("SUBSCRIBE", (await edge.Worker.RequestAsync()).Method.Name);
        }
    }

    private static int Heard(ScannerTrap trap, string source, bool isScanner)
    {
        int heard = 0;
        for (int i = 0; i < Many; i++)
            heard += trap.Ask(Source(source), false, BitConverter.GetBytes(i), isScanner).IsHeard ? 1 : 0;
        return heard;
    }

    private static InternetEndPoint Source(string address) => InternetEndPoint.From(new IPEndPoint(IPAddress.Parse(address), 5060));

    private ScannerTrap Trap()
    {
        var options = new BanOptions();
        options.TrustedNets.Add("10.0.0.0/8");
        return new ScannerTrap(Options.Create(options), new BanTable(Options.Create(options), _time), _time);
    }
}
