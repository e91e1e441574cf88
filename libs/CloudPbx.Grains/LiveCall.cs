using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>A call as it stands now.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.LiveCall")]
public sealed record LiveCall
{
    /// <summary>Which call.</summary>
    [Id(0)] public required CallId CallId { get; init; }

    /// <summary>The caller's number.</summary>
    [Id(1)] public required string CallerNumber { get; init; }

    /// <summary>The caller's display name, not to be trusted.</summary>
    [Id(2)] public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    [Id(3)] public required string CalledNumber { get; init; }

    /// <summary>The extension that answered, or <see langword="null"/> while it rings.</summary>
    [Id(4)] public string? AnsweredBy { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    [Id(5)] public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC, or <see langword="null"/>.</summary>
    [Id(6)] public DateTime? AnsweredAt { get; init; }

    /// <summary>Between whom.</summary>
    [Id(7)] public CallDirection Direction { get; init; }

    /// <summary>Name of the trunk that it goes over, or <see langword="null"/>.</summary>
    [Id(8)] public string? Trunk { get; init; }

    /// <summary>Whether the caller holds the other party.</summary>
    [Id(9)] public bool CallerHolds { get; init; }

    /// <summary>Whether the callee holds the other party.</summary>
    [Id(10)] public bool CalleeHolds { get; init; }

    /// <summary>Whether the caller is muted.</summary>
    [Id(11)] public bool CallerMuted { get; init; }

    /// <summary>Whether the callee is muted.</summary>
    [Id(12)] public bool CalleeMuted { get; init; }

    /// <summary>Whether it is recorded.</summary>
    [Id(13)] public CallRecordingState Recording { get; init; }

    /// <summary>The call that its caller supervises; <see langword="null"/> for every other call.</summary>
    [Id(14)] public CallId? Supervises { get; init; }

    /// <summary>How, where it supervises one.</summary>
    [Id(15)] public SupervisionMode? Supervision { get; init; }

    /// <summary>Whether two parties talk with each other; in a conference, the echo test and a supervision it is one alone.</summary>
    [Id(16)] public bool IsConversation { get; init; }

    /// <summary>Whether its caller speaks at this moment; told of parties of a conference only.</summary>
    [Id(17)] public bool IsSpeaking { get; init; }
}
