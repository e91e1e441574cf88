using System.Net;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Sip.Tests.Resolution;

public class NextHopResolverTests
{
    private readonly FakeDns _dns = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DownTargets _down;
    private readonly NextHopResolver _resolver;

    public NextHopResolverTests()
    {
        _down = new DownTargets(_time);
        _resolver = new NextHopResolver(_dns, _down, new Random(1));
    }

    [Theory]
    [InlineData("192.0.2.1", null, null, false, "192.0.2.1:5060 Udp")]                   // RFC 3263 §4.1: an address without transport is UDP
    [InlineData("192.0.2.1", 5080, SipTransport.Tcp, false, "192.0.2.1:5080 Tcp")]
    [InlineData("[2001:db8::1]", null, SipTransport.Tls, false, "[2001:db8::1]:5061 Tls")]
    [InlineData("192.0.2.1", null, SipTransport.Udp, true, "192.0.2.1:5061 Tls")]        // §4.1: sips is TLS
    public async Task An_address_is_not_looked_up(string host, int? port, SipTransport? transport, bool secure, string expected)
    {
        Assert.Equal([expected], await ResolveAsync(new(host, port, transport, secure)));
        Assert.Empty(_dns.Asked);
    }

    [Fact]
    public async Task A_port_that_is_said_skips_NAPTR_and_SRV()
    {
        _dns.Host("sip.example.com", "192.0.2.1", "2001:db8::1");                        // §4.2
        _dns.Service("_sip._udp.sip.example.com", new SrvRecord(0, 0, 9999, "other.example.com"));
        Assert.Equal(["192.0.2.1:5070 Udp", "[2001:db8::1]:5070 Udp"], await ResolveAsync(new("sip.example.com", 5070)));
        Assert.Equal(["A sip.example.com"], _dns.Asked);
    }

    [Fact]
    public async Task NAPTR_chooses_the_transport_and_the_name_of_the_SRV_records()
    {
        // The example of RFC 3263 §4.1.
        _dns.Naptr["example.com"] =
        [
            new(90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"), new(100, 50, "s", "SIP+D2U", "_sip._udp.example.com"),
            new(50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com."), new(10, 50, "u", "E2U+sip", "x"),
        ];
        _dns.Service("_sips._tcp.example.com", new SrvRecord(0, 1, 5061, "server1.example.com."));
        _dns.Host("server1.example.com", "192.0.2.7");
        Assert.Equal(["192.0.2.7:5061 Tls"], await ResolveAsync(new("example.com")));
        Assert.DoesNotContain("SRV _sip._tcp.example.com", _dns.Asked);                  // RFC 3403 §4.1: a higher order
    }

    [Fact]
    public async Task Without_NAPTR_the_SRV_names_of_all_transports_are_asked()
    {
        _dns.Service("_sip._tcp.example.com", new SrvRecord(0, 1, 5062, "a.example.com"));
        _dns.Host("a.example.com", "192.0.2.7");
        Assert.Equal(["192.0.2.7:5062 Tcp"], await ResolveAsync(new("example.com")));
    }

    [Fact]
    public async Task A_transport_that_is_said_is_looked_up_alone()
    {
        _dns.Service("_sip._udp.example.com", new SrvRecord(0, 1, 5062, "a.example.com"));
        _dns.Service("_sips._tcp.example.com", new SrvRecord(0, 1, 5063, "a.example.com"));
        _dns.Host("a.example.com", "192.0.2.7");
        Assert.Equal(["192.0.2.7:5063 Tls"], await ResolveAsync(new("example.com", Transport: SipTransport.Tls)));
        Assert.DoesNotContain("NAPTR example.com", _dns.Asked);
    }

    [Fact]
    public async Task Without_SRV_the_hosts_addresses_and_the_default_port_are_taken()
    {
        _dns.Host("example.com", "192.0.2.1");
        Assert.Equal(["192.0.2.1:5060 Udp"], await ResolveAsync(new("example.com")));
        Assert.Equal(["192.0.2.1:5061 Tls"], await ResolveAsync(new("example.com", Transport: SipTransport.Tls)));
    }

    [Theory]
    [InlineData("gone.example.com")]
    [InlineData(".")]                                                                    // RFC 2782: decidedly not available
    public async Task There_is_no_address_to_fall_back_to_once_there_were_SRV_records(string target)
    {
        _dns.Host("example.com", "192.0.2.1");                                           // I27
        _dns.Service("_sip._udp.example.com", new SrvRecord(0, 0, 5060, target));
        NextHops hops = await _resolver.ResolveAsync(new("example.com", Transport: SipTransport.Udp), TestContext.Current.CancellationToken);
        Assert.Empty(hops.Hops);
        Assert.NotNull(hops.Fault);
    }

    [Fact]
    public async Task A_DNS_that_fails_is_no_proof_that_there_are_no_SRV_records()
    {
        _dns.Host("example.com", "192.0.2.1");
        _dns.Failing.Add("_sip._udp.example.com");
        NextHops hops = await _resolver.ResolveAsync(new("example.com", Transport: SipTransport.Udp), TestContext.Current.CancellationToken);
        Assert.Empty(hops.Hops);
        Assert.Contains("DNS", hops.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Priorities_come_in_order_and_weights_by_chance()
    {
        _dns.Service("_sip._udp.example.com", new(10, 0, 5063, "c.example.com"), new(0, 75, 5061, "a.example.com"), new(0, 25, 5062, "b.example.com"));
        foreach (string host in new[] { "a", "b", "c" })
            _dns.Host($"{host}.example.com", "192.0.2.1");
        int first = 0;
        for (int i = 0; i < 1000; i++)
        {
            string[] hops = await ResolveAsync(new("example.com", Transport: SipTransport.Udp));
            Assert.Equal("192.0.2.1:5063 Udp", hops[2]);                                 // RFC 2782: the higher priority last
            first += hops[0] == "192.0.2.1:5061 Udp" ? 1 : 0;
        }
        Assert.InRange(first, 700, 800);
    }

    [Fact]
    public async Task A_zone_with_very_many_hosts_gives_thirty_two_places()
    {
        _dns.Service("_sip._udp.example.com", [.. Enumerable.Range(1, 200).Select(i => new SrvRecord(i, 0, 5060, $"h{i}.example.com"))]);
        for (int i = 1; i <= 200; i++)
            _dns.Host($"h{i}.example.com", $"192.0.2.{i}");
        Assert.Equal(NextHopResolver.MaximumHops, (await ResolveAsync(new("example.com", Transport: SipTransport.Udp))).Length);
        Assert.True(_dns.Asked.Count < 40);
    }

    [Fact]
    public async Task What_does_not_depend_on_each_other_is_asked_at_one_time_and_keeps_its_order()
    {
        _dns.Service("_sip._udp.example.com", [.. Enumerable.Range(1, 9).Select(i => new SrvRecord(i, 0, 5060, $"h{i}.example.com"))]);
        _dns.Service("_sip._tcp.example.com", new SrvRecord(0, 0, 5060, "h1.example.com"));
        for (int i = 1; i <= 9; i++)
            _dns.Host($"h{i}.example.com", $"192.0.2.{i}", $"2001:db8::{i}");            // RFC 3263 §4.2: A and AAAA of each, in the order of RFC 2782
        List<TaskCompletionSource> naptr = Silence();
        Task<string[]> resolving = ResolveAsync(new("example.com"));
        List<TaskCompletionSource> services = AnswerNext(naptr);
        Assert.Equal(["NAPTR example.com", "SRV _sip._udp.example.com", "SRV _sip._tcp.example.com", "SRV _sips._tcp.example.com"], _dns.Asked);
        List<TaskCompletionSource> hosts = AnswerNext(services);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"A h{i}.example.com"), _dns.Asked.Skip(4));      // so many at once, and no more
        List<TaskCompletionSource> last = AnswerNext(hosts);
        Assert.Equal(["A h9.example.com", "A h1.example.com"], _dns.Asked.Skip(12));
        AnswerNext(last);
        string[] expected = [.. Enumerable.Range(1, 9).SelectMany(i => new[] { $"192.0.2.{i}:5060 Udp", $"[2001:db8::{i}]:5060 Udp" }), "192.0.2.1:5060 Tcp", "[2001:db8::1]:5060 Tcp"];
        Assert.Equal(expected, await resolving);
    }

    [Fact]
    public async Task A_host_that_DNS_does_not_tell_leaves_the_others()
    {
        _dns.Service("_sip._udp.example.com", new(0, 0, 5060, "a.example.com"), new(1, 0, 5061, "b.example.com"));
        _dns.Host("b.example.com", "192.0.2.2");
        _dns.Failing.Add("a.example.com");
        Assert.Equal(["192.0.2.2:5061 Udp"], await ResolveAsync(new("example.com", Transport: SipTransport.Udp)));
    }

    [Fact]
    public async Task A_place_that_is_down_is_tried_last_until_its_time_is_over()
    {
        _dns.Host("example.com", "192.0.2.1", "192.0.2.2");                              // RFC 3263 §4.3
        NextHop first = new(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5070), SipTransport.Udp);
        _down.Mark(first, TimeSpan.FromSeconds(120));                                    // I28: Retry-After
        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(["192.0.2.2:5070 Udp", "192.0.2.1:5070 Udp"], await ResolveAsync(new("example.com", 5070)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("192.0.2.1:5070 Udp", (await ResolveAsync(new("example.com", 5070)))[0]);
    }

    [Theory]
    [InlineData(2, 2)]                                                                   // a maintenance
    [InlineData(24, 24)]
    [InlineData(1000, 24)]                                                               // a mistake
    public void A_place_is_left_in_peace_for_as_long_as_it_asked_a_day_at_most(int asked, int hours)      // I28, RFC 3261 §20.33
    {
        NextHop place = new(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5060), SipTransport.Udp);
        _down.Mark(place, TimeSpan.FromHours(asked));
        _time.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromSeconds(1));
        Assert.True(_down.IsDown(place));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_down.IsDown(place));
    }

    [Fact]
    public async Task A_name_that_nobody_has_says_so()
    {
        NextHops hops = await _resolver.ResolveAsync(new("nowhere.example"), TestContext.Current.CancellationToken);
        Assert.Equal("There is no host nowhere.example", hops.Fault);
    }

    // What is asked from now on waits, each question for an answer of its own: it goes on in the moment in which it gets that.
    private List<TaskCompletionSource> Silence()
    {
        List<TaskCompletionSource> held = [];
        _dns.Silence = () =>
        {
            held.Add(new());
            return held[^1].Task;
        };
        return held;
    }

    private List<TaskCompletionSource> AnswerNext(List<TaskCompletionSource> held)
    {
        List<TaskCompletionSource> next = Silence();
        held.ForEach(question => question.SetResult());
        return next;
    }

    private async Task<string[]> ResolveAsync(NextHopQuery query) =>
        [.. (await _resolver.ResolveAsync(query, TestContext.Current.CancellationToken)).Hops.Select(hop => $"{hop.EndPoint} {hop.Transport}")];
}
