using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>How a re-INVITE or UPDATE of ours ended.</summary>
/// <param name="StatusCode">The final response's status code; 408 or 503 where none came.</param>
/// <param name="Response">The final response, or <see langword="null"/>.</param>
public sealed record ReinviteOutcome(int StatusCode, SipResponse? Response)
{
    /// <summary>Gets whether the peer agreed. Otherwise the session stays as it was (RFC 3261 §14.1).</summary>
    public bool IsAccepted => StatusCode is >= 200 and < 300;

    /// <summary>Gets the peer's answer; or its offer, if the re-INVITE had none: then call <see cref="InviteDialog.Acknowledge"/>.</summary>
    public MessageBody? Body => Response is null ? null : MessageBody.Of(Response);
}
