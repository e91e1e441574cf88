using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Dialogs;

/// <summary>What identifies a dialog at one of its ends (RFC 3261 §12): Call-ID, our tag, the peer's tag (empty if it has none).</summary>
/// <param name="CallId">The Call-ID.</param>
/// <param name="LocalTag">Our tag.</param>
/// <param name="RemoteTag">The peer's tag, or empty (I24).</param>
public readonly record struct DialogId(string CallId, string LocalTag, string RemoteTag)
{
    /// <summary>The dialog that a received request belongs to (§12.2.2).</summary>
    /// <param name="request">A request from the peer.</param>
    /// <returns>Its id; <see cref="LocalTag"/> is empty if To has no tag.</returns>
    public static DialogId OfRequest(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.CallId, request.To.Tag ?? "", request.From.Tag ?? "");
    }

    /// <summary>The dialog that a received response belongs to (§12.1.2).</summary>
    /// <param name="response">A response to a request of ours.</param>
    /// <returns>Its id; <see cref="RemoteTag"/> is empty if To has no tag.</returns>
    public static DialogId OfResponse(SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return new(response.CallId, response.From.Tag ?? "", response.To.Tag ?? "");
    }
}
