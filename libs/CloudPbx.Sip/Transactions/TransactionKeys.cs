using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transactions;

/// <summary>What a response is matched by (RFC 3261 §17.1.3): the branch we made, and the method of CSeq, since a CANCEL shares its INVITE's branch.</summary>
internal readonly record struct ClientTransactionKey(string Branch, SipMethod Method);

/// <summary>What a request is matched by (RFC 3261 §17.2.3). The text holds the branch and sent-by, or without a good branch the fields of RFC 2543.</summary>
internal readonly record struct ServerTransactionKey(string Text, SipMethod Method)
{
    /// <summary>The key of a request; an ACK and a CANCEL get their INVITE's by <paramref name="method"/>.</summary>
    internal static ServerTransactionKey Of(SipRequest request, SipMethod method)
    {
        Via via = request.TopVia;
        if (via.HasRfc3261Branch)
            return new($"{via.Branch}|{via.Host.ToLowerInvariant()}:{via.Port ?? 0}", method);
        // RFC 2543: Request-URI, From tag, Call-ID, CSeq number and the whole top Via. The To tag differs between an INVITE and its ACK; the caller compares it.
        return new($"{request.RequestUri}|{request.From.Tag}|{request.CallId}|{request.CSeq.Number}|{via}", method);
    }
}

/// <summary>What makes two requests copies of one that forked on its way (RFC 3261 §8.2.2.2).</summary>
internal readonly record struct MergeKey(string FromTag, string CallId, CSeq CSeq)
{
    /// <summary>The name under which <see cref="AnsweredRequests"/> knows it; no request's own key has a space.</summary>
    internal ServerTransactionKey ToName() => new($"{FromTag} {CallId} {CSeq.Number}", CSeq.Method);
}
