using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Resolution;

/// <summary>Where a request is to go, as a URI or a setting says it (RFC 3263 §4).</summary>
/// <param name="Host">A name or an address; IPv6 with or without brackets.</param>
/// <param name="Port">The port, if one is said.</param>
/// <param name="Transport">The transport, if one is said.</param>
/// <param name="IsSecure">A <c>sips</c> URI: TLS alone (§4.1).</param>
public sealed record NextHopQuery(string Host, int? Port = null, SipTransport? Transport = null, bool IsSecure = false);
