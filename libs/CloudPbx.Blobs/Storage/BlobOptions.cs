using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs.Storage;

/// <summary>Where recordings, voicemail and prompts lie. Section <c>Blobs</c>.</summary>
public sealed class BlobOptions : IValidatableObject
{
    /// <summary>The folder, where no S3 store is named.</summary>
    public string Folder { get; set; } = "data/blobs";

    /// <summary>The S3-compatible store; an empty bucket name means the folder.</summary>
    [ValidateObjectMembers] public S3Options S3 { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (S3.Bucket.Length == 0)
        {
            if (string.IsNullOrWhiteSpace(Folder))
                yield return new("Blobs:Folder must name a folder, or Blobs:S3:Bucket a bucket.", [nameof(Folder)]);
            yield break;
        }
        if (S3.Endpoint is { Length: > 0 } endpoint && (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")))
            yield return new("Blobs:S3:Endpoint must be an http or https address.", [nameof(S3)]);
        if (S3.AccessKey.Length == 0 || !File.Exists(S3.SecretKeyPath))
            yield return new("Blobs:S3 needs AccessKey, and SecretKeyPath must name the file with the secret key.", [nameof(S3)]);
    }
}

/// <summary>An S3-compatible store.</summary>
public sealed class S3Options
{
    /// <summary>The bucket; empty: no S3.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>The store's address; null: Amazon's in <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The region, also of the signature.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Whether the bucket is part of the path, as most stores but Amazon's want.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>Seconds until a connection must stand.</summary>
    [Range(1, 300)] public int ConnectSeconds { get; set; } = 5;

    /// <summary>Seconds in which something must go on, at each attempt: an octet taken of what is stored, an answer, an octet of what is read. A long upload may take longer; after its last octet there is a second more for each million of them.</summary>
    [Range(1, 3600)] public int SilenceSeconds { get; set; } = 30;

    /// <summary>As whom we come.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>A file that holds the secret key; never a setting itself, since settings are shown.</summary>
    public string SecretKeyPath { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class BlobOptionsValidator : IValidateOptions<BlobOptions>;
