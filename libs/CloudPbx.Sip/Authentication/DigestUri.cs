using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>Compares the digest-uri of credentials with the Request-URI, leniently (RFC 3261 §22.4 item 1, RFC 7616 §3.4.6).</summary>
/// <remarks>
/// RFC 7616 wants the two to be equivalent; phones and the proxies before us do not keep to it: GNOME Calls registers with
/// <c>uri="sip:sip.test:15060"</c>, some write the domain of their account where the Request-URI has a user or an address, or <c>sip</c> for <c>sips</c>.
/// So the port, the parameters, the header fields and the difference of sip and sips do not count; a digest-uri without user part fits any
/// user; where the users are equal the hosts may differ; and an emergency service (RFC 5031) is fitted by itself, in whatever case. What remains refused is a response that was computed for another user's resource.
/// Replays are not stopped by this comparison but by the nonce count.
/// </remarks>
public static class DigestUri
{
    /// <summary>Whether the credentials were made for this request.</summary>
    /// <param name="digestUri">The uri parameter as it came.</param>
    /// <param name="requestUri">The request's Request-URI.</param>
    /// <returns><see langword="false"/> if the URI is unreadable or names another user.</returns>
    public static bool Fits(string digestUri, SipUri requestUri)
    {
        ArgumentNullException.ThrowIfNull(requestUri);
        if (!SipUri.TryParse(digestUri, out SipUri? uri))
            return false;
        if (uri.Scheme == SipScheme.Tel || requestUri.Scheme == SipScheme.Tel)
            return uri.Equals(requestUri);
        if (requestUri.EmergencyService is { } service)
            return uri.EmergencyService == service || (uri.IsSip && string.IsNullOrEmpty(uri.User));
        return uri.IsSip && requestUri.IsSip && (string.IsNullOrEmpty(uri.User) || uri.User == requestUri.User);
    }
}
