using System.Threading.RateLimiting;

namespace CloudPbx.Edge.Guard;

/// <summary>
/// Lets few TLS handshakes compute at a time, in the order in which they came: after an outage all phones come back at once, and each handshake costs more than a call's messages.
/// Behind thousands of them everybody else's messages would wait; behind a few nobody notices (S12).
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HandshakeGate(TimeProvider time) : IDisposable
{
    /// <summary>Handshakes that compute at a time.</summary>
    public static readonly int Places = Math.Max(2, Environment.ProcessorCount);

    /// <summary>How long a handshake keeps its place: as long as the edge computes, once it has the client's hello. The answer's way to the peer and back is not waited for, or phones that are far away,
    /// and peers that stall, would keep the others out.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(5);

    private const int LongestQueue = 20_000;                // beyond, a handshake's own deadline is over before its turn comes

    private readonly ConcurrencyLimiter _places = new(new ConcurrencyLimiterOptions { PermitLimit = Places, QueueLimit = LongestQueue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Waits for a place.</summary>
    /// <param name="cancel">The peer is gone, or its time for the handshake is over.</param>
    /// <returns>The place, to be disposed of when the handshake is over; <see langword="null"/>: too many wait.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> ended the wait.</exception>
    public async ValueTask<IDisposable?> EnterAsync(CancellationToken cancel)
    {
        RateLimitLease lease = await _places.AcquireAsync(1, cancel);
        return lease.IsAcquired ? new Place(lease, time) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private sealed class Place : IDisposable
    {
        private readonly ITimer _overdue;
        private RateLimitLease? _lease;

        public Place(RateLimitLease lease, TimeProvider time)
        {
            _lease = lease;
            _overdue = time.CreateTimer(static place => ((Place)place!).Leave(), this, Longest, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _overdue.Dispose();
            Leave();
        }

        private void Leave() => Interlocked.Exchange(ref _lease, null)?.Dispose();
    }
}
