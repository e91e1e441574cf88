using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;

namespace CloudPbx.Contracts.Api;

/// <summary>A call that is ringing or talking now.</summary>
public sealed record LiveCallDto
{
    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }

    /// <summary>The caller's number.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>The caller's display name; written by a stranger.</summary>
    public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>Who answered, or <see langword="null"/> while it rings.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Between whom.</summary>
    public CallDirection Direction { get; init; }

    /// <summary>Name of the trunk that it goes over.</summary>
    public string? Trunk { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC.</summary>
    public DateTime? AnsweredAt { get; init; }

    /// <summary>Whether the caller holds the other party, by its phone or by a program.</summary>
    public bool CallerHolds { get; init; }

    /// <summary>Whether the callee holds the other party, by its phone or by a program.</summary>
    public bool CalleeHolds { get; init; }

    /// <summary>Whether the caller was muted, so that nobody hears it.</summary>
    public bool CallerMuted { get; init; }

    /// <summary>Whether the callee was muted, so that nobody hears it.</summary>
    public bool CalleeMuted { get; init; }

    /// <summary>Whether it is recorded.</summary>
    public CallRecordingState Recording { get; init; }

    /// <summary>The call that its caller listens to; absent for every other call.</summary>
    public CallId? Supervises { get; init; }

    /// <summary>Who of that call hears the supervisor.</summary>
    public SupervisionMode? Supervision { get; init; }

    /// <summary>Whether two parties talk with each other, so that one can hold, be transferred or be listened to; in a conference, the echo test and a supervision it is one alone.</summary>
    public bool IsConversation { get; init; }

    /// <summary>Whether its caller speaks at this moment; told of parties of a conference only.</summary>
    public bool IsSpeaking { get; init; }
}
