using CloudPbx.Sip.Resolution;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Sip.Tests.Resolution;

public class CachedDnsRecordsTests
{
    private readonly FakeDns _dns = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CachedDnsRecords _cache;

    public CachedDnsRecordsTests()
    {
        _cache = new CachedDnsRecords(_dns, _time);
        _dns.Host("a.example", "192.0.2.1");
    }

    [Fact]
    public async Task What_holds_is_not_asked_again()
    {
        _dns.TimeToLive = TimeSpan.FromSeconds(60);
        await AskAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        await AskAsync();
        Assert.Single(_dns.Asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AskAsync();
        Assert.Equal(2, _dns.Asked.Count);
    }

    [Fact]
    public async Task A_TTL_of_zero_is_for_this_once()
    {
        _dns.TimeToLive = TimeSpan.Zero;                                                 // RFC 2181 §8
        await AskAsync();
        await AskAsync();
        Assert.Equal(2, _dns.Asked.Count);
    }

    [Fact]
    public async Task While_DNS_fails_the_last_answer_is_served_for_a_day()
    {
        _dns.TimeToLive = TimeSpan.Zero;                                                 // RFC 8767 §4: also what was never to be kept
        await AskAsync();
        _dns.Fails = true;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DnsOutcome.Found, await AskAsync());
        Assert.Equal(2, _dns.Asked.Count);
        await AskAsync();
        Assert.Equal(2, _dns.Asked.Count);                                               // RFC 8767 §5: the failure recheck timer
        _time.Advance(CachedDnsRecords.FailureRecheck);
        await AskAsync();
        Assert.Equal(3, _dns.Asked.Count);
        _time.Advance(CachedDnsRecords.LongestStale);
        Assert.Equal(DnsOutcome.Failed, await AskAsync());
    }

    [Fact]
    public async Task That_a_name_is_gone_is_believed_at_once_when_DNS_says_so()
    {
        _dns.TimeToLive = TimeSpan.FromSeconds(1);
        await AskAsync();
        _dns.Addresses.Clear();                                                          // RFC 8767 §4: NXDOMAIN is an answer
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DnsOutcome.None, await AskAsync());
    }

    private async Task<DnsOutcome> AskAsync() => (await _cache.AddressesAsync("a.example", TestContext.Current.CancellationToken)).Outcome;
}
