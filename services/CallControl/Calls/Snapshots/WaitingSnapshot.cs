using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>The caller's side of a call that is not answered yet.</summary>
internal sealed record WaitingSnapshot
{
    /// <summary>The caller's INVITE.</summary>
    public required IncomingInviteState Invite { get; init; }

    /// <summary>Whether the caller was told that a phone rings.</summary>
    public bool Alerting { get; init; }

    /// <summary>When the ring time is over, UTC; absent before it began.</summary>
    public DateTime? RingsUntil { get; init; }

    /// <summary>The leg whose early media the caller hears, or is to hear; absent for none.</summary>
    public int? Heard { get; init; }

    /// <summary>The leg whose codecs our early offer to the caller was made with; absent for none, or where we made none.</summary>
    public int? OfferLike { get; init; }
}
