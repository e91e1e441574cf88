using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>The top Route of a request that a worker sends out: <c>&lt;sip:TOKEN@EDGE.egress.invalid;lr&gt;</c>. It is the only Route that an edge interprets.</summary>
public static class EgressRoute
{
    /// <summary>Reads it.</summary>
    /// <param name="request">A worker's request.</param>
    /// <param name="flowToken">The token's text; to be verified.</param>
    /// <param name="edgeId">The edge that it is for.</param>
    /// <returns>False when the top Route is none of ours.</returns>
    public static bool TryRead(in SipMessageView request, out ReadOnlySpan<byte> flowToken, out uint edgeId)
    {
        flowToken = default;
        edgeId = 0;
        if (!request.TryFind(SipHeaderName.Route, out SipHeaderView header))
            return false;
        var routes = new SipValueReader(header.Value);
        if (!routes.TryRead(out ReadOnlySpan<byte> first) || NameAddressView.Parse(first, out NameAddressView route) != SipParseError.None
            || !InnerNames.TryReadEgressHost(route.Uri.Host, out edgeId))
            return false;
        flowToken = route.Uri.User;
        return !flowToken.IsEmpty;
    }
}
