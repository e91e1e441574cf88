using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>A call's recording as its record knows it. Plain data, so that a snapshot can carry it: the key is sealed.</summary>
internal sealed record RecordingState
{
    public required RecordingId Id { get; init; }

    public required DateTime StartedAt { get; init; }

    public required byte[] SealedKey { get; init; }

    public bool IsPaused { get; set; }

    /// <summary>Whether it was begun when both parties spoke as telephones do: it has 8 kHz, whatever comes.</summary>
    public bool IsNarrow { get; init; }

    /// <summary>Since when it is paused; null while it runs.</summary>
    public DateTime? PausedAt { get; set; }

    /// <summary>What became of it; null while it runs, and where the media node died.</summary>
    public RecordingFigures? Figures { get; set; }

    /// <summary>The fact that the bus carries.</summary>
    /// <param name="endedAt">When the call ended: how long it may be where nobody knows.</param>
    public CallRecording ToFact(DateTime endedAt) => new()
    {
        Id = Id,
        StartedAt = StartedAt,
        SealedKey = SealedKey,
        DurationMilliseconds = Figures is { DurationMilliseconds: > 0 } or { Known: true } ? Figures.DurationMilliseconds : Math.Max(0, (long)(endedAt - StartedAt).TotalMilliseconds),
        IsPartial = Figures is not { Known: true, IsPartial: false },
        Gaps = Figures?.Gaps ?? 0,
        ConcealedMilliseconds = Figures?.ConcealedMilliseconds ?? 0,
        Length = Figures?.Length ?? 0,
        Sha256 = Figures?.Sha256,
        Notes = Figures?.Notes ?? [],
    };
}
