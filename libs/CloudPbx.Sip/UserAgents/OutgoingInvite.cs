using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE that we sent, until it is answered or has failed (RFC 3261 §13.2). Made by <see cref="UserAgentLayer.Invite"/>.</summary>
/// <remarks>
/// The 2xx is acknowledged at once where the INVITE had an offer; answers of further forks, and one that comes after <see cref="Cancel"/>, are acknowledged
/// and hung up (§13.2.2.4, I18). Used on the owner's thread; <see cref="Outcome"/> completes there too, but its continuations are queued.
/// </remarks>
public sealed class OutgoingInvite
{
    internal OutgoingInvite()
    {
    }

    /// <summary>Raised for each provisional response, 100 included. Its To tag tells the early dialogs of a fork apart.</summary>
    public event Action<OutgoingInvite, SipResponse>? Provisional;

    /// <summary>Gets the INVITE as it was sent last.</summary>
    public SipRequest Request => throw new NotImplementedException();

    /// <summary>Gets the Call-ID.</summary>
    public string CallId => throw new NotImplementedException();

    /// <summary>Gets our From tag.</summary>
    public string LocalTag => throw new NotImplementedException();

    /// <summary>Gets the flow that the INVITE left by.</summary>
    public Flow Flow => throw new NotImplementedException();

    /// <summary>Gets how it ended; completes once, never fails.</summary>
    public Task<InviteOutcome> Outcome => throw new NotImplementedException();

    /// <summary>Gives the call up: CANCEL as soon as a provisional response allows it (RFC 3261 §9.1). Without final response it is over 64·T1 later (I19). Doing it twice, or too late, does no harm.</summary>
    /// <param name="reason">The value of a Reason header field (RFC 3326), for example <c>SIP;cause=200;text="Call completed elsewhere"</c>.</param>
    public void Cancel(string? reason = null) => Provisional?.Invoke(this, null!);
}
