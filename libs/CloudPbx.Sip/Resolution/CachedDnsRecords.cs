using System.Collections.Concurrent;
using System.Net;

namespace CloudPbx.Sip.Resolution;

/// <summary>Remembers what DNS said for as long as it holds, and, while DNS fails, what it said last (RFC 8767).</summary>
/// <remarks>Thread-safe. An answer with TTL 0 is used for the question that brought it and kept for bad times only.</remarks>
/// <param name="dns">Asks DNS.</param>
/// <param name="time">The clock.</param>
public sealed class CachedDnsRecords(IDnsRecords dns, TimeProvider time) : IDnsRecords
{
    private const int Capacity = 10_000;

    /// <summary>RFC 8767 §5: after that nobody should believe it any more.</summary>
    public static readonly TimeSpan LongestStale = TimeSpan.FromDays(1);

    /// <summary>RFC 8767 §5: how long DNS is not asked again after it failed, where something stale is there.</summary>
    public static readonly TimeSpan FailureRecheck = TimeSpan.FromSeconds(30);

    /// <summary>Longer than that nothing is believed (RFC 8767 §4): somebody may have meant another unit.</summary>
    private static readonly TimeSpan s_longestFresh = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Entry<NaptrRecord>> _naptr = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Entry<SrvRecord>> _srv = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Entry<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public Task<DnsAnswer<NaptrRecord>> NaptrAsync(string name, CancellationToken cancel) => AskAsync(_naptr, name, dns.NaptrAsync, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<SrvRecord>> SrvAsync(string name, CancellationToken cancel) => AskAsync(_srv, name, dns.SrvAsync, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel) => AskAsync(_addresses, name, dns.AddressesAsync, cancel);

    private async Task<DnsAnswer<T>> AskAsync<T>(
        ConcurrentDictionary<string, Entry<T>> cache, string name, Func<string, CancellationToken, Task<DnsAnswer<T>>> ask, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (cache.TryGetValue(name, out Entry<T>? known) && now < known.AskAgain)
            return known.Answer;
        DnsAnswer<T> answer = await ask(name, cancel).ConfigureAwait(false);
        now = time.GetUtcNow();
        if (answer.Outcome != DnsOutcome.Failed)
        {
            if (cache.Count >= Capacity)
                cache.Clear();
            TimeSpan life = answer.TimeToLive < s_longestFresh ? answer.TimeToLive : s_longestFresh;
            cache[name] = new Entry<T>(answer, now + life, now + life + LongestStale);
            return answer;
        }
        if (known is null || now >= known.Forget)
            return answer;
        cache[name] = known with { AskAgain = now + FailureRecheck };
        return known.Answer;
    }

    private sealed record Entry<T>(DnsAnswer<T> Answer, DateTimeOffset AskAgain, DateTimeOffset Forget);
}
