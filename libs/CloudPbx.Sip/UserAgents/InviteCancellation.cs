using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Why an incoming INVITE is over before it was answered; the response was sent already.</summary>
/// <param name="Cause">The kind of end.</param>
/// <param name="Request">The CANCEL or BYE, or <see langword="null"/>.</param>
public sealed record InviteCancellation(InviteCancellationCause Cause, SipRequest? Request)
{
    /// <summary>Gets the value of Reason (RFC 3326), or <see langword="null"/>.</summary>
    public string? Reason => Request?.Headers.Get(SipHeaderName.Reason);
}

/// <summary>The kinds of end of an incoming INVITE that its caller, or the way to it, gave up.</summary>
public enum InviteCancellationCause
{
    /// <summary>CANCEL came (RFC 3261 §9.2).</summary>
    Cancel,

    /// <summary>BYE came in the early dialog (RFC 3261 §15.1.2).</summary>
    Bye,

    /// <summary>No PRACK came for a reliable provisional response in 64·T1; 504 was sent (RFC 3262 §3, I6).</summary>
    NoPrack,

    /// <summary>The time is over that its Expires gave (RFC 3261 §13.3.1).</summary>
    Expired,

    /// <summary>The flow refused a response.</summary>
    TransportError,
}
