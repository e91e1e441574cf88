using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A recording of a call. Its audio is at <c>/recordings/{id}/audio</c>: a WAV file, the caller left, the callee right.</summary>
public sealed record RecordingDto
{
    /// <summary>Its identifier.</summary>
    public required RecordingId Id { get; init; }

    /// <summary>The call that it belongs to.</summary>
    public required CallId CallId { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>How long it plays.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The caller's number.</summary>
    public required string From { get; init; }

    /// <summary>What was dialled.</summary>
    public required string To { get; init; }

    /// <summary>Between whom the call was.</summary>
    public required CallDirection Direction { get; init; }

    /// <summary>Something that was said is missing: the disk was full, the media node died, a codec could not be decoded.</summary>
    public required bool Partial { get; init; }

    /// <summary>How often packets never came; made up, their time kept.</summary>
    public required int Gaps { get; init; }

    /// <summary>How long those were together, in milliseconds, of both channels.</summary>
    public required long ConcealedMilliseconds { get; init; }

    /// <summary>SHA-256 of the sealed audio as it was written, in hexadecimal; where the media node was killed or its disk was full, of what it has brought to the object store, and <see langword="null"/> until then.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Places that are not as they were spoken.</summary>
    public required IReadOnlyList<RecordedNote> Notes { get; init; }
}
