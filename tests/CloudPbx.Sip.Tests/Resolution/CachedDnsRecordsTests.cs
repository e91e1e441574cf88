using System.Net;
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

    [Fact]
    public async Task What_several_ask_at_one_time_is_asked_once_and_whoever_gives_up_takes_it_from_nobody()
    {
        TaskCompletionSource silence = Silence();
        using CancellationTokenSource impatient = new();
        Task<DnsAnswer<IPAddress>> givenUp = _cache.AddressesAsync("a.example", impatient.Token);
        Task<DnsOutcome>[] others = [AskAsync(), AskAsync()];
        Task<DnsAnswer<SrvRecord>> another = _cache.SrvAsync("a.example", Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        Assert.Equal(["A a.example", "SRV a.example"], _dns.Asked);
        silence.SetResult();
        Assert.All(await Task.WhenAll(others), outcome => Assert.Equal(DnsOutcome.Found, outcome));
        Assert.Equal(DnsOutcome.None, (await another).Outcome);
    }

    [Fact]
    public async Task While_DNS_is_silent_the_last_answer_is_served_after_a_moment_and_one_question_goes_on()       // RFC 8767 §5: the client response timer
    {
        _dns.TimeToLive = TimeSpan.FromSeconds(60);
        await AskAsync();
        _time.Advance(TimeSpan.FromSeconds(60));
        TaskCompletionSource silence = Silence();
        Task<DnsOutcome> first = AskAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Task<DnsOutcome> second = AskAsync();
        _time.Advance(CachedDnsRecords.ClientResponse - TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        Assert.False(first.IsCompleted || second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([DnsOutcome.Found, DnsOutcome.Found], await Task.WhenAll(first, second));     // the second waits for what is left of the first one's moment
        Assert.Equal(DnsOutcome.Found, await AskAsync());                                // and whoever comes later not at all
        Assert.Equal(2, _dns.Asked.Count);
        _dns.Addresses.Clear();
        silence.SetResult();
        Assert.Equal(DnsOutcome.None, await AskAsync());                                 // what came in the end counts
        Assert.Equal(2, _dns.Asked.Count);
    }

    [Fact]
    public async Task Where_DNS_failed_last_time_nobody_waits_while_it_is_asked_again()
    {
        _dns.TimeToLive = TimeSpan.Zero;
        await AskAsync();
        _dns.Fails = true;
        await AskAsync();
        _time.Advance(CachedDnsRecords.FailureRecheck);
        TaskCompletionSource silence = Silence();
        Assert.Equal(DnsOutcome.Found, await AskAsync().WaitAsync(TimeSpan.Zero, Cancel));
        Assert.Equal(3, _dns.Asked.Count);
        _dns.Fails = false;
        silence.SetResult();
        _dns.Silence = null;
        await AskAsync();
        TaskCompletionSource again = Silence();                                          // it had answered: it is given its moment again
        Task<DnsOutcome> waiting = AskAsync();
        Assert.False(waiting.IsCompleted);
        again.SetResult();
        Assert.Equal(DnsOutcome.Found, await waiting);
    }

    [Fact]
    public async Task What_was_never_known_is_waited_for()
    {
        TaskCompletionSource silence = Silence();
        Task<DnsOutcome> asking = AskAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(asking.IsCompleted);
        _dns.Fails = true;
        silence.SetResult();
        Assert.Equal(DnsOutcome.Failed, await asking);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // What is asked now goes on in the same moment in which it is answered.
    private TaskCompletionSource Silence()
    {
        TaskCompletionSource silence = new();
        _dns.Silence = () => silence.Task;
        return silence;
    }

    private async Task<DnsOutcome> AskAsync() => (await _cache.AddressesAsync("a.example", Cancel)).Outcome;
}
