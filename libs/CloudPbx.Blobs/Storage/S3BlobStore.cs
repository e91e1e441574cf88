using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Storage;

/// <summary>Objects in a bucket of an S3-compatible store.</summary>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private readonly S3Client _client;
    private readonly string _bucket;
    private readonly TimeSpan _silence;
    private readonly TimeProvider _time;

    /// <summary>Takes the settings; nothing is asked of the store yet.</summary>
    /// <param name="options">Where it is, and as whom we come.</param>
    /// <param name="secretKey">The secret key.</param>
    /// <param name="time">The clock by which a store hangs; null: the system's.</param>
    public S3BlobStore(S3Options options, string secretKey, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _time = time ?? TimeProvider.System;
        _bucket = options.Bucket;
        _silence = TimeSpan.FromSeconds(options.SilenceSeconds);
        // Without these a store that hangs is waited for without end.
        AmazonS3Config config = new() { ForcePathStyle = options.PathStyle, AuthenticationRegion = options.Region, ConnectTimeout = TimeSpan.FromSeconds(options.ConnectSeconds) };
        if (options.Endpoint is { Length: > 0 } endpoint)
        {
            config.ServiceURL = endpoint;
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;       // stores of others do not all know the new checksums
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        _client = new S3Client(new BasicAWSCredentials(options.AccessKey, secretKey), config);
    }

    /// <inheritdoc/>
    public Task PutAsync(BlobPath path, Stream content, CancellationToken cancel) => PutAsync(path.ToString(), content, cancel);

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel) =>
        await HeadAsync(path.ToString(), cancel).ConfigureAwait(false) is { } head ? new S3RangeStream(this, path, head.ContentLength) : null;

    /// <inheritdoc/>
    public Task DeleteAsync(BlobPath path, CancellationToken cancel) => AskAsync(patience => _client.DeleteObjectAsync(_bucket, path.ToString(), patience.Token), cancel);

    /// <inheritdoc/>
    public async Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel)
    {
        using (MemoryStream nothing = new())
            await PutAsync(BlobPath.Grave(tenant), nothing, cancel).ConfigureAwait(false);      // first: what comes after it is found by whoever brought it
        string? next = null;
        do
        {
            ListObjectsV2Response page = await AskAsync(
                patience => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = $"{tenant}/", ContinuationToken = next }, patience.Token), cancel).ConfigureAwait(false);
            foreach (S3Object entry in page.S3Objects ?? [])
                await AskAsync(patience => _client.DeleteObjectAsync(_bucket, entry.Key, patience.Token), cancel).ConfigureAwait(false);
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <inheritdoc/>
    public async Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel) => await HeadAsync(BlobPath.Grave(tenant), cancel).ConfigureAwait(false) is not null;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Reads from an object, from one octet on.</summary>
    internal async Task<Stream> ReadFromAsync(BlobPath path, long from, CancellationToken cancel) => (await AskAsync(
        patience => _client.GetObjectAsync(new GetObjectRequest { BucketName = _bucket, Key = path.ToString(), ByteRange = new ByteRange(from, long.MaxValue) }, patience.Token), cancel).ConfigureAwait(false)).ResponseStream;

    /// <summary>Reads on in what <see cref="ReadFromAsync"/> gave.</summary>
    internal Task<int> ReadOnAsync(Stream response, Memory<byte> buffer, CancellationToken cancel) => AskAsync(patience => response.ReadAsync(buffer, patience.Token).AsTask(), cancel);

    private Task<PutObjectResponse> PutAsync(string key, Stream content, CancellationToken cancel) => AskAsync(
        patience => _client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _bucket,
                Key = key,
                InputStream = new WatchedStream(content, patience),
                AutoCloseStream = false,
                UseChunkEncoding = false,
                ContentType = "application/octet-stream",
            },
            patience.Token),
        cancel);

    /// <summary>What the store knows of an object; null where there is none.</summary>
    private async Task<GetObjectMetadataResponse?> HeadAsync(string key, CancellationToken cancel)
    {
        try
        {
            return await AskAsync(patience => _client.GetObjectMetadataAsync(_bucket, key, patience.Token), cancel).ConfigureAwait(false);
        }
        catch (IOException fault) when (fault.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    private async Task<T> AskAsync<T>(Func<S3Patience, Task<T>> ask, CancellationToken cancel)
    {
        using S3Patience patience = new(_silence, _time, cancel);
        S3Patience.OfThisRequest = patience;        // of this method's flow alone
        try
        {
            return await ask(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException fault) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"The object store's bucket {_bucket} hangs: nothing came of it for {patience.Limit.TotalSeconds:F0} s", fault);
        }
        catch (Exception fault) when (fault is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new IOException($"The object store's bucket {_bucket} refused: {fault.Message}", fault);
        }
    }
}
