using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Storage;

/// <summary>Objects in a bucket of an S3-compatible store.</summary>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    /// <summary>Takes the settings; nothing is asked of the store yet.</summary>
    /// <param name="options">Where it is, and as whom we come.</param>
    /// <param name="secretKey">The secret key.</param>
    public S3BlobStore(S3Options options, string secretKey)
    {
        ArgumentNullException.ThrowIfNull(options);
        _bucket = options.Bucket;
        AmazonS3Config config = new() { ForcePathStyle = options.PathStyle, AuthenticationRegion = options.Region };
        if (options.Endpoint is { Length: > 0 } endpoint)
        {
            config.ServiceURL = endpoint;
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;       // stores of others do not all know the new checksums
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        _client = new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, secretKey), config);
    }

    /// <inheritdoc/>
    public Task PutAsync(BlobPath path, Stream content, CancellationToken cancel) => AskAsync(() => PutAsync(path.ToString(), content, cancel));

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel) =>
        await HeadAsync(path.ToString(), cancel).ConfigureAwait(false) is { } head ? new S3RangeStream(this, path, head.ContentLength) : null;

    /// <inheritdoc/>
    public Task DeleteAsync(BlobPath path, CancellationToken cancel) => AskAsync(() => _client.DeleteObjectAsync(_bucket, path.ToString(), cancel));

    /// <inheritdoc/>
    public async Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel)
    {
        using (MemoryStream nothing = new())
            await AskAsync(() => PutAsync(BlobPath.Grave(tenant), nothing, cancel)).ConfigureAwait(false);      // first: what comes after it is found by whoever brought it
        string? next = null;
        do
        {
            ListObjectsV2Response page = await AskAsync(() => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _bucket, Prefix = $"{tenant}/", ContinuationToken = next }, cancel)).ConfigureAwait(false);
            foreach (S3Object entry in page.S3Objects ?? [])
                await AskAsync(() => _client.DeleteObjectAsync(_bucket, entry.Key, cancel)).ConfigureAwait(false);
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <inheritdoc/>
    public async Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel) => await HeadAsync(BlobPath.Grave(tenant), cancel).ConfigureAwait(false) is not null;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Reads from an object, from one octet on.</summary>
    internal async Task<Stream> ReadFromAsync(BlobPath path, long from, CancellationToken cancel) => (await AskAsync(() => _client.GetObjectAsync(
        new GetObjectRequest { BucketName = _bucket, Key = path.ToString(), ByteRange = new ByteRange(from, long.MaxValue) }, cancel)).ConfigureAwait(false)).ResponseStream;

    private Task<PutObjectResponse> PutAsync(string key, Stream content, CancellationToken cancel) => _client.PutObjectAsync(
        new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = content, AutoCloseStream = false, UseChunkEncoding = false, ContentType = "application/octet-stream" }, cancel);

    /// <summary>What the store knows of an object; null where there is none.</summary>
    private async Task<GetObjectMetadataResponse?> HeadAsync(string key, CancellationToken cancel)
    {
        try
        {
            return await AskAsync(() => _client.GetObjectMetadataAsync(_bucket, key, cancel)).ConfigureAwait(false);
        }
        catch (IOException fault) when (fault.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new IOException($"The object store's bucket {_bucket} refused: {fault.Message}", fault);
        }
    }
}
