using CloudPbx.Contracts.Events;

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

    /// <summary>SHA-256 of the sealed file in hexadecimal; null where the disk did not take all of it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where it is not as it was spoken, every place; neighbours are put together where they are many.</summary>
    public IReadOnlyList<RecordedNote> Notes { get; init; } = [];
}
