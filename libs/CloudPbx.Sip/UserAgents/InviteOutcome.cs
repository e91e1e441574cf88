using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>How an <see cref="OutgoingInvite"/> ended.</summary>
/// <param name="Result">The kind of end.</param>
/// <param name="Response">The final response; <see langword="null"/> if none came.</param>
/// <param name="Dialog">The dialog, if it was answered. It may have ended already (a BYE that overtook the 200, I25).</param>
public sealed record InviteOutcome(InviteResult Result, SipResponse? Response, InviteDialog? Dialog)
{
    /// <summary>Gets the response's status code; without a response 408 for silence, 503 for a broken flow, 487 after a CANCEL (RFC 3261 §8.1.3.1).</summary>
    public int StatusCode => Response?.StatusCode ?? Result switch
    {
        InviteResult.TransportError => 503,
        InviteResult.Cancelled => 487,
        _ => 408,
    };
}

/// <summary>The kinds of end of an outgoing INVITE.</summary>
public enum InviteResult
{
    /// <summary>A 2xx came; there is a dialog.</summary>
    Answered,

    /// <summary>A 3xx to 6xx came.</summary>
    Rejected,

    /// <summary>We cancelled, and it is over: by 487, by another failure, by silence for 64·T1 (I19), or by a late 2xx that was ACKed and hung up (I18).</summary>
    Cancelled,

    /// <summary>Nothing came in 64·T1.</summary>
    TimedOut,

    /// <summary>The flow refused the request.</summary>
    TransportError,
}
