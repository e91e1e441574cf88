namespace CloudPbx.Blobs.Storage;

/// <summary>What is being uploaded: each time that the store takes some of it is a sign of life, and the end of it begins a longer wait. Whoever gave the stream disposes of it.</summary>
/// <param name="inner">It.</param>
/// <param name="patience">Of this attempt.</param>
internal sealed class WatchedStream(Stream inner, S3Patience patience) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        GoesOn(ended: false);
        return Given(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        GoesOn(ended: false);
        return Given(inner.Read(buffer, offset, count));
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Given(int read)
    {
        GoesOn(ended: read == 0);
        return read;
    }

    private void GoesOn(bool ended)
    {
        if (ended || (inner.CanSeek && inner.Position >= inner.Length))
            patience.AllGiven(inner.Length);
        else
            patience.GoesOn();
    }
}
