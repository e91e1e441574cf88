using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>Which header fields a stranger may not bring into the house (S8, S9). They are known by their parsed name, so that spelling,
/// folding and compact forms make no difference.</summary>
internal static class StrangerHeaders
{
    /// <summary>Whether a field is taken out before a message goes to a worker.</summary>
    /// <param name="header">The field.</param>
    /// <param name="isRequest">Whether it stands in a request.</param>
    /// <param name="isTrusted">Whether the sender's word about identities counts (RFC 3325 §5).</param>
    /// <remarks>P-Preferred-Identity stays: it is a user's wish (RFC 3325 §9.2), and call control weighs it against what the authenticated user may show.</remarks>
    public static bool IsForbidden(in SipHeaderView header, bool isRequest, bool isTrusted) => header.Name switch
    {
        // Route: what pointed at us is spent; what points elsewhere would make us a relay. Workers see the edge's own Route only.
        SipHeaderName.Route => isRequest,
        SipHeaderName.Path => true,                                 // RFC 3327: no proxy stands between phones and us
        SipHeaderName.PAssertedIdentity or SipHeaderName.PAssociatedUri or SipHeaderName.PCalledPartyId or SipHeaderName.RemotePartyId => !isTrusted,
        SipHeaderName.Other => IsPrivate(header.NameText),
        _ => false,
    };

    // Our own words travel in Route and Via; these names are kept for us all the same.
    private static bool IsPrivate(ReadOnlySpan<byte> name) =>
        StartsWith(name, "X-CloudPbx"u8) || StartsWith(name, "X-Tenant"u8);

    private static bool StartsWith(ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix) =>
        name.Length >= prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix);
}
