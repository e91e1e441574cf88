using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Events;

/// <summary>A recording of a call, as it was when it ended. Its audio lies in the object store, sealed.</summary>
public sealed record CallRecording
{
    /// <summary>Which recording.</summary>
    public required RecordingId Id { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>How long it plays, in milliseconds.</summary>
    public long DurationMilliseconds { get; init; }

    /// <summary>Something that was said is missing: the disk was full, the media node died, a codec could not be decoded.</summary>
    public bool IsPartial { get; init; }

    /// <summary>How often packets never came; made up, their time kept.</summary>
    public int Gaps { get; init; }

    /// <summary>How long those were together, in milliseconds, of both channels.</summary>
    public long ConcealedMilliseconds { get; init; }

    /// <summary>Octets of the sealed audio.</summary>
    public long Length { get; init; }

    /// <summary>SHA-256 of the sealed audio in hexadecimal; <see langword="null"/> where the media node could not say it: then it is computed of what comes to the object store.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Places that are not as they were spoken; the first ones only where they are many.</summary>
    public IReadOnlyList<RecordedNote> Notes { get; init; } = [];

    /// <summary>The recording's key, sealed by the tenant's.</summary>
    public required byte[] SealedKey { get; init; }
}
