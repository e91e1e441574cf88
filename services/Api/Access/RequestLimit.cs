using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Access;

/// <summary>A bucket of requests for each token's subject, refilled steadily: who calls in bursts waits, nobody else does.</summary>
/// <remarks>Thread-safe; singleton; by process.</remarks>
internal sealed class RequestLimit(IOptions<ApiOptions> options, TimeProvider time)
{
    private const int MostSubjects = 100_000;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Takes one request.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="retryAfter">When there will be one again.</param>
    /// <returns>Whether there was none left.</returns>
    public bool IsExceeded(string subject, out TimeSpan retryAfter)
    {
        double rate = options.Value.RequestsPerSecond, most = options.Value.RequestBurst;
        if (_buckets.Count > MostSubjects)
            _buckets.Clear();
        Bucket bucket = _buckets.GetOrAdd(subject, _ => new Bucket(most, time.GetTimestamp()));
        lock (bucket)                                                   // one subject's requests only, for a few instructions
        {
            long now = time.GetTimestamp();
            bucket.Left = Math.Min(most, bucket.Left + (time.GetElapsedTime(bucket.At, now).TotalSeconds * rate));
            bucket.At = now;
            retryAfter = TimeSpan.FromSeconds(Math.Max(0, 1 - bucket.Left) / rate);
            if (bucket.Left < 1)
                return true;
            bucket.Left--;
            return false;
        }
    }

    private sealed class Bucket(double left, long at)
    {
        public double Left { get; set; } = left;

        public long At { get; set; } = at;
    }
}
