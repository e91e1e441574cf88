namespace CloudPbx.Blobs.Storage;

/// <summary>How long a store is waited for: a while after each sign of life, however long the whole takes.</summary>
internal sealed class S3Patience : IDisposable
{
    private const long ForwardedPerSecond = 1_000_000;      // octets: 8 Mbit/s, the slowest way on that a proxy which takes all before it gives any has behind it

    private static readonly AsyncLocal<S3Patience?> s_asking = new();

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _asker;
    private readonly TimeSpan _limit;

    /// <summary>Begins to wait.</summary>
    /// <param name="limit">The while.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">The asker's own.</param>
    public S3Patience(TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        _limit = Limit = limit;
        _source = new CancellationTokenSource(limit, time);
        _asker = cancel.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Of the request that is made here; null outside of one. Set where the request begins, it goes with it through the client.</summary>
    public static S3Patience? OfThisRequest
    {
        get => s_asking.Value;
        set => s_asking.Value = value;
    }

    /// <summary>What ends the request.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What is waited for the next sign of life.</summary>
    public TimeSpan Limit { get; private set; }

    /// <summary>Something went on.</summary>
    public void GoesOn() => Wait(_limit);

    /// <summary>The whole of an object was given away; who took it may have to bring all of it further before the store answers.</summary>
    /// <param name="octets">Its length.</param>
    public void AllGiven(long octets) => Wait(_limit + TimeSpan.FromSeconds((double)octets / ForwardedPerSecond));

    /// <summary>It is not the store that is waited for, until something goes on.</summary>
    public void Rests() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose()
    {
        _asker.Dispose();
        _source.Dispose();
    }

    private void Wait(TimeSpan limit)
    {
        Limit = limit;
        _source.CancelAfter(limit);
    }
}
