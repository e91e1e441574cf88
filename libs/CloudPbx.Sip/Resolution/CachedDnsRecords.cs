using System.Collections.Concurrent;
using System.Net;

namespace CloudPbx.Sip.Resolution;

/// <summary>Remembers what DNS said for as long as it holds, and, while DNS fails or is silent, what it said last (RFC 8767). Who asks what is being asked already gets that answer.</summary>
/// <remarks>Thread-safe. An answer with TTL 0 is used for the questions that it answers and kept for bad times only. A question goes on to its end, also when whoever asked it has given up or was given
/// something stale: the next one profits.</remarks>
/// <param name="dns">Asks DNS.</param>
/// <param name="time">The clock.</param>
public sealed class CachedDnsRecords(IDnsRecords dns, TimeProvider time) : IDnsRecords
{
    private const int Capacity = 10_000;

    /// <summary>RFC 8767 §5: after that nobody should believe it any more.</summary>
    public static readonly TimeSpan LongestStale = TimeSpan.FromDays(1);

    /// <summary>RFC 8767 §5: how long DNS is not asked again after it failed, where something stale is there.</summary>
    public static readonly TimeSpan FailureRecheck = TimeSpan.FromSeconds(30);

    /// <summary>RFC 8767 §5, the client response timer: how long a question waits where something stale is there. Where DNS failed last time it does not wait at all.</summary>
    public static readonly TimeSpan ClientResponse = TimeSpan.FromSeconds(1.8);

    /// <summary>Longer than that nothing is believed (RFC 8767 §4): somebody may have meant another unit.</summary>
    private static readonly TimeSpan s_longestFresh = TimeSpan.FromDays(1);

    private readonly Kind<NaptrRecord> _naptr = new(dns.NaptrAsync, time);
    private readonly Kind<SrvRecord> _srv = new(dns.SrvAsync, time);
    private readonly Kind<IPAddress> _addresses = new(dns.AddressesAsync, time);

    /// <inheritdoc/>
    public Task<DnsAnswer<NaptrRecord>> NaptrAsync(string name, CancellationToken cancel) => _naptr.AskAsync(name, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<SrvRecord>> SrvAsync(string name, CancellationToken cancel) => _srv.AskAsync(name, cancel);

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel) => _addresses.AskAsync(name, cancel);

    /// <summary>The records of one kind: what is known, and what is being asked.</summary>
    private sealed class Kind<T>(Func<string, CancellationToken, Task<DnsAnswer<T>>> ask, TimeProvider time)
    {
        private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.OrdinalIgnoreCase);
        private readonly ConcurrentDictionary<string, Question> _asking = new(StringComparer.OrdinalIgnoreCase);

        public async Task<DnsAnswer<T>> AskAsync(string name, CancellationToken cancel)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_known.TryGetValue(name, out Entry? known) && now < known.AskAgain)
                return known.Answer;
            Question question = _asking.GetOrAdd(name, Begin);
            Task<DnsAnswer<T>> answer = question.Answer;
            if (answer.IsCompleted || known is null || now >= known.Forget)
                return await answer.WaitAsync(cancel).ConfigureAwait(false);
            TimeSpan patience = known.HasFailed ? TimeSpan.Zero : question.Since + ClientResponse - now;
            if (patience <= TimeSpan.Zero)
                return known.Answer;
            try
            {
                return await answer.WaitAsync(patience, time, cancel).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return known.Answer;
            }
        }

        private Question Begin(string name)
        {
            Question? question = null;
            return question = new Question(time.GetUtcNow(), () => FollowAsync(name, question!));
        }

        private async Task<DnsAnswer<T>> FollowAsync(string name, Question question)
        {
            try
            {
                return Learn(name, await ask(name, CancellationToken.None).ConfigureAwait(false));
            }
            finally
            {
                _asking.TryRemove(new(name, question));
            }
        }

        /// <summary>Keeps what DNS has said.</summary>
        /// <returns>What whoever asked is told: where DNS failed, what it said last.</returns>
        private DnsAnswer<T> Learn(string name, DnsAnswer<T> answer)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (answer.Outcome != DnsOutcome.Failed)
            {
                if (_known.Count >= Capacity)
                    _known.Clear();
                TimeSpan life = answer.TimeToLive < s_longestFresh ? answer.TimeToLive : s_longestFresh;
                _known[name] = new Entry(answer, now + life, now + life + LongestStale, HasFailed: false);
                return answer;
            }
            if (!_known.TryGetValue(name, out Entry? known) || now >= known.Forget)
                return answer;
            _known[name] = known with { AskAgain = now + FailureRecheck, HasFailed = true };
            return known.Answer;
        }

        private sealed record Entry(DnsAnswer<T> Answer, DateTimeOffset AskAgain, DateTimeOffset Forget, bool HasFailed);

        private sealed class Question(DateTimeOffset since, Func<Task<DnsAnswer<T>>> ask)
        {
            private readonly Lazy<Task<DnsAnswer<T>>> _answer = new(ask);

            public DateTimeOffset Since => since;

            /// <summary>Asks, the first time.</summary>
            public Task<DnsAnswer<T>> Answer => _answer.Value;
        }
    }
}
