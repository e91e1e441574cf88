using CloudPbx.Sip.Messages;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Knows a worker's answer to our hello.</summary>
internal static class HelloAnswer
{
    public static bool Is(ReadOnlySpan<byte> message, out SipMessageView view)
    {
        view = default;
        return message.StartsWith("SIP/2.0 200"u8) && SipMessageView.Parse(message, out view) == SipParseError.None
            && view.TryFind(SipHeaderName.CallId, out SipHeaderView callId) && callId.Value.StartsWith("hello-"u8)
            && view.TryFind(SipHeaderName.CSeq, out SipHeaderView cseq) && cseq.Value.EndsWith("OPTIONS"u8);
    }
}
