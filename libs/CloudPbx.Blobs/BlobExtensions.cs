using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs;

/// <summary>Registers the object store.</summary>
public static class BlobExtensions
{
    /// <summary>Adds <see cref="IBlobStore"/>, as section <c>Blobs</c> says.</summary>
    /// <param name="builder">The host.</param>
    public static TBuilder AddBlobs<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptionsWithValidateOnStart<BlobOptions, BlobOptionsValidator>().BindConfiguration("Blobs");
        builder.Services.TryAddSingleton<IBlobStore>(provider =>
        {
            BlobOptions options = provider.GetRequiredService<IOptions<BlobOptions>>().Value;
            return options.S3.Bucket.Length == 0 ? new FolderBlobStore(options.Folder) : new S3BlobStore(options.S3, File.ReadAllText(options.S3.SecretKeyPath).Trim());
        });
        return builder;
    }

    /// <summary>Adds the uploader of a media node's finished recordings. Never in the packet process.</summary>
    /// <param name="builder">The host; needs <see cref="AddBlobs"/> too.</param>
    public static TBuilder AddRecordingUploader<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptionsWithValidateOnStart<RecordingUploadOptions, RecordingUploadOptionsValidator>().BindConfiguration("RecordingUpload");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<RecordingUploader>();
        return builder;
    }
}
