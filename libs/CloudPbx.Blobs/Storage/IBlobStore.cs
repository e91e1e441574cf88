using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Storage;

/// <summary>Keeps objects that are too large for a database: a folder, or any S3-compatible store. What lies there is sealed already.</summary>
/// <remarks>Thread-safe. A store that is away throws <see cref="IOException"/>, whichever it is.</remarks>
public interface IBlobStore
{
    /// <summary>Stores an object, in place of an older one. It is there whole or not at all.</summary>
    /// <param name="path">Where.</param>
    /// <param name="content">What; read from its present position to its end, its length known.</param>
    /// <param name="cancel">Stops it.</param>
    Task PutAsync(BlobPath path, Stream content, CancellationToken cancel);

    /// <summary>Opens an object.</summary>
    /// <param name="path">Where.</param>
    /// <param name="cancel">Stops the opening.</param>
    /// <returns>A stream that can seek and knows its length; null where there is no such object.</returns>
    Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel);

    /// <summary>Deletes an object; one that is not there is no fault.</summary>
    /// <param name="path">Where.</param>
    /// <param name="cancel">Stops it.</param>
    Task DeleteAsync(BlobPath path, CancellationToken cancel);

    /// <summary>Deletes everything of a tenant, and remembers for ever that it is gone, by a hash of its identifier: what still waits elsewhere must not come after that.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops it; asked again it goes on.</param>
    Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Whether a tenant's objects were deleted once and for all.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops it.</param>
    Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel);
}
