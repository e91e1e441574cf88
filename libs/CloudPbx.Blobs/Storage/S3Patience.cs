namespace CloudPbx.Blobs.Storage;

/// <summary>How long a store is waited for: a while after each sign of life, however long the whole takes.</summary>
/// <param name="limit">The while.</param>
/// <param name="cancel">The asker's own.</param>
internal sealed class S3Patience(TimeSpan limit, CancellationToken cancel) : IDisposable
{
    private readonly CancellationTokenSource _source = Begin(limit, cancel);

    /// <summary>What ends the request.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Something went on.</summary>
    public void GoesOn() => _source.CancelAfter(limit);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static CancellationTokenSource Begin(TimeSpan limit, CancellationToken cancel)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        source.CancelAfter(limit);
        return source;
    }
}
