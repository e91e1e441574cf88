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

/// <summary>A place of a recording that is not as it was spoken. Of a recording with very many, neighbours of one kind and channel are put together.</summary>
/// <param name="Kind">What is noted.</param>
/// <param name="Channel">0 the caller's, 1 the callee's, -1 both.</param>
/// <param name="AtMilliseconds">Where, from the beginning.</param>
/// <param name="Microseconds">How long, of all that were put together.</param>
/// <param name="Count">How many places were put together.</param>
/// <param name="SpanMilliseconds">From the beginning of the first of several to the end of the last; 0 for one.</param>
public sealed record RecordedNote(RecordedNoteKind Kind, int Channel, long AtMilliseconds, long Microseconds, int Count = 1, long SpanMilliseconds = 0);
