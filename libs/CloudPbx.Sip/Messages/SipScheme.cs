namespace CloudPbx.Sip.Messages;

/// <summary>The kind of a URI in a SIP message.</summary>
public enum SipScheme : byte
{
    /// <summary>Any other scheme (http, urn, isbn …): kept as text, never routed. As Request-URI it gets 416, but for emergency services (<see cref="SipUri.EmergencyService"/>) where those are taken.</summary>
    Other,

    /// <summary><c>sip:</c> (RFC 3261 §19.1).</summary>
    Sip,

    /// <summary><c>sips:</c> (RFC 3261 §19.1, §26.2.2).</summary>
    Sips,

    /// <summary><c>tel:</c> (RFC 3966).</summary>
    Tel,
}
