using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Calls;

/// <summary>What a REFER asks for (RFC 3515 §2.1), read without trust.</summary>
/// <param name="Uri">Where to, without header fields.</param>
/// <param name="Replaces">The dialog that the call shall take the place of (RFC 3891), as it is written; null for a blind transfer.</param>
internal sealed record ReferTarget(SipUri Uri, string? Replaces)
{
    /// <summary>Reads a REFER.</summary>
    /// <param name="refer">The request.</param>
    /// <param name="target">What it asks for.</param>
    /// <returns>0, or the status that it is refused with.</returns>
    public static int Read(SipRequest refer, out ReferTarget? target)
    {
        target = null;
        IReadOnlyList<string> values = [.. refer.Headers.GetAll(SipHeaderName.ReferTo)];
        if (values is not [{ } value] || !NameAddress.TryParse(value, out NameAddress? address))
            return 400;                                           // §2.4.2: exactly one
        SipUri uri = address.Uri;
        if (!uri.IsSip && uri.Scheme != SipScheme.Tel)
            return 416;                                           // a tel URI is a number to dial (RFC 3966)
        if (uri.Parameters["method"] is { } method && method != SipMethod.Invite.Name)
            return 501;                                           // only calls are transferred
        target = new ReferTarget(uri.WithoutHeaders(), uri.Headers["Replaces"]);
        return 0;
    }
}
