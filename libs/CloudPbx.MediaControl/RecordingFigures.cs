namespace CloudPbx.MediaControl;

/// <summary>What became of a recording.</summary>
public sealed record RecordingFigures
{
    /// <summary>The node does not know it, or is away.</summary>
    public static RecordingFigures None { get; } = new();

    /// <summary>Whether the node had it.</summary>
    public bool Known { get; init; }

    /// <summary>How long it plays.</summary>
    public long DurationMilliseconds { get; init; }

    /// <summary>Something is missing that came: the disk was full, a codec could not be decoded.</summary>
    public bool IsPartial { get; init; }

    /// <summary>How often packets never came; made up, their time kept.</summary>
    public int Gaps { get; init; }

    /// <summary>How long that was together, of both channels.</summary>
    public long ConcealedMilliseconds { get; init; }

    /// <summary>Octets of the sealed file.</summary>
    public long Length { get; init; }

    /// <summary>SHA-256 of the sealed file in hexadecimal; null where it is partial.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where it is not as it was spoken; the first ones only where they are many.</summary>
    public IReadOnlyList<RecordedNote> Notes { get; init; } = [];
}

/// <summary>What is noted about a place of a recording.</summary>
public enum RecordedNoteKind
{
    /// <summary>Packets never came: made up.</summary>
    Gap,

    /// <summary>The sender's clock was off the true time: time put in (positive) or taken out.</summary>
    Correction,

    /// <summary>Paused by somebody: nothing was recorded.</summary>
    Pause,
}

/// <summary>A place of a recording.</summary>
/// <param name="Kind">What is noted.</param>
/// <param name="Channel">0 the caller's, 1 the callee's, -1 both.</param>
/// <param name="AtMilliseconds">Where, from the beginning.</param>
/// <param name="Microseconds">How long.</param>
public sealed record RecordedNote(RecordedNoteKind Kind, int Channel, long AtMilliseconds, long Microseconds);
