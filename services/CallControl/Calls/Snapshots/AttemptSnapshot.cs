using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>A phone that was asked.</summary>
internal sealed record AttemptSnapshot
{
    /// <summary>The number of its leg.</summary>
    public required int Leg { get; init; }

    /// <summary>The INVITE that waits for its final response; absent where it has had one.</summary>
    public OutgoingInviteState? Invite { get; init; }

    /// <summary>The phone's final status; 0 while it rings.</summary>
    public int Status { get; init; }

    /// <summary>Why it refused, where it said so.</summary>
    public ReleaseCause? Cause { get; init; }

    /// <summary>Whether its first offer was SRTP: the other form is tried once.</summary>
    public bool FirstForm { get; init; }

    /// <summary>When the INVITE left, UTC.</summary>
    public DateTime SentAt { get; init; }

    /// <summary>Whether the phone gave any sign.</summary>
    public bool Lives { get; init; }

    /// <summary>Answers in provisional responses, by To tag.</summary>
    public IReadOnlyDictionary<string, string> Early { get; init; } = new Dictionary<string, string>();

    /// <summary>The To tag of the early dialog whose media were agreed on before the answer, by UPDATE; absent for none.</summary>
    public string? AgreedIn { get; init; }
}
