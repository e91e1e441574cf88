using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>What is noted about a place of a recording.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RecordedNoteKind>))]
public enum RecordedNoteKind
{
    /// <summary>Packets never came: made up.</summary>
    Gap,

    /// <summary>The sender's clock was off the true time: time put in (positive) or taken out.</summary>
    Correction,

    /// <summary>Paused by somebody: nothing was recorded.</summary>
    Pause,
}

/// <summary>A place of a recording that is not as it was spoken.</summary>
/// <param name="Kind">What is noted.</param>
/// <param name="Channel">0 the caller's, 1 the callee's, -1 both.</param>
/// <param name="AtMilliseconds">Where, from the beginning.</param>
/// <param name="Microseconds">How long.</param>
public sealed record RecordedNote(RecordedNoteKind Kind, int Channel, long AtMilliseconds, long Microseconds);
