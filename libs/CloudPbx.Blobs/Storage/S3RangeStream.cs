namespace CloudPbx.Blobs.Storage;

/// <summary>An object in S3 as a stream that can seek: a request is made only when something is read elsewhere than where the last one ended.</summary>
internal sealed class S3RangeStream(S3BlobStore store, BlobPath path, long length) : Stream
{
    private Stream? _response;
    private long _responseAt;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.IsEmpty)
            return 0;
        if (_response is null || _responseAt != Position)
        {
            await LeaveAsync().ConfigureAwait(false);
            _response = await store.ReadFromAsync(path, Position, cancellationToken).ConfigureAwait(false);
            _responseAt = Position;
        }
        try
        {
            int read = await store.ReadOnAsync(_response, buffer, cancellationToken).ConfigureAwait(false);
            Position += read;
            _responseAt += read;
            return read;
        }
        catch
        {
            await LeaveAsync().ConfigureAwait(false);           // nothing more comes of it: who reads again asks anew
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask LeaveAsync()
    {
        Stream? response = _response;
        _response = null;
        if (response is not null)
            await response.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _response?.Dispose();
        base.Dispose(disposing);
    }
}
