using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>
/// A message that an edge sent inwards and that comes back as it was, after a <see cref="MovedNotice"/>: its tenant is gone from that worker. A request still has
/// the Route that names the tenant, a response the worker's Via.
/// </summary>
public static class ReturnedMessage
{
    /// <summary>Reads whose it is.</summary>
    /// <param name="message">What came from a worker.</param>
    /// <param name="tenant">The tenant.</param>
    /// <returns>False when it is a worker's own message.</returns>
    public static bool TryRead(in SipMessageView message, out Guid tenant)
    {
        tenant = default;
        if (!message.IsRequest)
            return ViaRewriter.TryFindTop(message, out _, out ViaView via, out _) && InnerNames.TryReadWorkerVia(via.Host, out tenant);
        if (!message.TryFind(SipHeaderName.Route, out SipHeaderView header))
            return false;
        var routes = new SipValueReader(header.Value);
        return routes.TryRead(out ReadOnlySpan<byte> first) && NameAddressView.Parse(first, out NameAddressView route) == SipParseError.None
            && route.Uri.Host.SequenceEqual("worker"u8) && InnerNames.TryReadTenant(route.Uri.User, out tenant);
    }
}
