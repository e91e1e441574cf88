using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>How an <see cref="InviteDialog"/> ended.</summary>
/// <param name="Cause">The kind of end.</param>
/// <param name="Message">The BYE, or the response that ended it; <see langword="null"/> if there was no such message.</param>
public sealed record DialogEnd(DialogEndCause Cause, SipMessage? Message)
{
    /// <summary>Gets the value of Reason of the message that ended the dialog (RFC 3326), or <see langword="null"/>.</summary>
    public string? Reason => Message?.Headers.Get(SipHeaderName.Reason);
}

/// <summary>The kinds of end of a dialog.</summary>
public enum DialogEndCause
{
    /// <summary>We sent BYE.</summary>
    LocalBye,

    /// <summary>The peer sent BYE.</summary>
    RemoteBye,

    /// <summary>Our 2xx was not acknowledged in 64·T1; we sent BYE (RFC 3261 §13.3.1.4, I20).</summary>
    NoAck,

    /// <summary>The peer no longer knows the dialog: 481 or 408, or no answer, to a request in it (RFC 3261 §12.2.1.2). We sent BYE.</summary>
    Gone,

    /// <summary>The session timer ran out without a refresh; we sent BYE (RFC 4028 §10).</summary>
    Expired,

    /// <summary>The layer gave the dialog up without a word, by <see cref="InviteDialog.Abandon"/>.</summary>
    Abandoned,
}
