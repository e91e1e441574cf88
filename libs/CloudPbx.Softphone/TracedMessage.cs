using CloudPbx.Sip.Messages;

namespace CloudPbx.Softphone;

/// <summary>One message that a phone sent or received.</summary>
/// <param name="At">When.</param>
/// <param name="Sent">Whether the phone sent it.</param>
/// <param name="Summary">Its start line, without secrets.</param>
/// <param name="CallId">Its Call-ID.</param>
/// <param name="CSeq">Its CSeq.</param>
public readonly record struct TracedMessage(DateTimeOffset At, bool Sent, string Summary, string CallId, CSeq CSeq)
{
    /// <summary>Describes a message.</summary>
    public static TracedMessage Of(DateTimeOffset at, bool sent, SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        string summary = message switch
        {
            SipRequest request => $"{request.Method} {request.RequestUri}",
            SipResponse response => $"{response.StatusCode} {response.ReasonPhrase} ({response.CSeq.Method})",
            _ => "",
        };
        return new TracedMessage(at, sent, summary, message.CallId, message.CSeq);
    }
}
