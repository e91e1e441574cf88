using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs.Recordings;

/// <summary>Settings of the uploader. Section <c>RecordingUpload</c>.</summary>
public sealed class RecordingUploadOptions
{
    /// <summary>The folder where the media node writes (its <c>Media:RecordingFolder</c>).</summary>
    [Required] public string Folder { get; set; } = "data/recordings";

    /// <summary>Milliseconds between two looks.</summary>
    [Range(100, 600_000)] public int IntervalMilliseconds { get; set; } = 1000;

    /// <summary>Seconds until an upload that failed is tried again.</summary>
    [Range(1, 3600)] public int RetrySeconds { get; set; } = 30;
}

[OptionsValidator]
internal sealed partial class RecordingUploadOptionsValidator : IValidateOptions<RecordingUploadOptions>;
