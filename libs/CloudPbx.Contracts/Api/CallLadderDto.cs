using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>The SIP messages of a call's legs: who said what to whom, and when. Secrets are not in it.</summary>
public sealed record CallLadderDto
{
    /// <summary>The call.</summary>
    public required CallId Id { get; init; }

    /// <summary>When it began, UTC: the messages' times count from here.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Whether only what made and what ended the call is kept, because it went well.</summary>
    public required bool IsShortened { get; init; }

    /// <summary>How many more messages there were than are kept of one call.</summary>
    public required int Omitted { get; init; }

    /// <summary>Messages up to this many milliseconds after the call's beginning are lost with the worker that led it then; absent where none are.</summary>
    public int? LostUntil { get; init; }

    /// <summary>The legs, in the order of their beginning.</summary>
    public required IReadOnlyList<LadderParty> Parties { get; init; }

    /// <summary>The messages in their order; empty where none was kept, as of a call that an older version led.</summary>
    public required IReadOnlyList<LadderMessage> Messages { get; init; }
}
