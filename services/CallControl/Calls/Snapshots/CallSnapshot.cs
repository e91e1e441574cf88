using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>
/// All that the tenant's next owner needs of a call. Plain data. A member that is added has a default that means what its absence meant; only a change that older
/// readers would misunderstand raises <see cref="CurrentVersion"/>.
/// </summary>
internal sealed record CallSnapshot
{
    /// <summary>The version written here.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version that this was written in.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>At which door the call is entered again.</summary>
    public required CallPhase Phase { get; init; }

    /// <summary>Whether the owner before wrote this as its last act and told nobody anything after it: then ringing goes on, and nothing was lost.</summary>
    public bool IsHandedOver { get; init; }

    /// <summary>The call's record so far; absent once the call ended.</summary>
    public CallRecord? Record { get; init; }

    /// <summary>The record of a call that ended, until the bus confirmed it.</summary>
    public CallEnded? Ended { get; init; }

    /// <summary>The legs that are of use still, the caller's first.</summary>
    public IReadOnlyList<LegSnapshot> Legs { get; init; } = [];

    /// <summary>The number of the leg that the caller talks with; absent while it rings, and where the caller talks with us.</summary>
    public int? Callee { get; init; }

    /// <summary>The conference room that the caller is in, with <see cref="IsModerator"/>, <see cref="IsMuted"/> and <see cref="IsRoomLocked"/>.</summary>
    public ConferenceId? Conference { get; init; }

    /// <summary>Whether the caller may lock it.</summary>
    public bool IsModerator { get; init; }

    /// <summary>Whether the caller is muted in it.</summary>
    public bool IsMuted { get; init; }

    /// <summary>Whether a moderator has locked it by telephone.</summary>
    public bool IsRoomLocked { get; init; }

    /// <summary>The call that its caller supervises; absent for every other call.</summary>
    public Supervision? Supervision { get; init; }

    /// <summary>The caller's INVITE while it waits for its answer.</summary>
    public WaitingSnapshot? Waiting { get; init; }

    /// <summary>The phones that were asked and have not all done: ringing ones, refusals, and those that are being cancelled.</summary>
    public IReadOnlyList<AttemptSnapshot> Attempts { get; init; } = [];

    /// <summary>The messages so far; absent but in what is handed over.</summary>
    public SipLadder? Ladder { get; init; }
}

/// <summary>The doors of a call's life at which another owner can enter.</summary>
internal enum CallPhase
{
    /// <summary>Something is under way that only its beginner can end: the media node is asked, a phone has just answered. Who takes over ends the call.</summary>
    SettingUp,

    /// <summary>Phones ring.</summary>
    Ringing,

    /// <summary>Answered.</summary>
    Talking,

    /// <summary>Over; its record is not confirmed yet.</summary>
    Ended,
}
