namespace CloudPbx.Sip.Messages;

/// <summary>A request (RFC 3261 §7.1).</summary>
public sealed class SipRequest : SipMessage
{
    /// <summary>A request with neither header fields nor body.</summary>
    public SipRequest(SipMethod method, SipUri requestUri) => throw new NotImplementedException();

    /// <summary>The method.</summary>
    public SipMethod Method => throw new NotImplementedException();

    /// <summary>The Request-URI. Of a request refused for it, a URI of scheme <see cref="SipScheme.Other"/> without parts.</summary>
    public SipUri RequestUri { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
}
