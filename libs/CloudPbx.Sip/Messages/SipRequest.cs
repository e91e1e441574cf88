using System.Buffers;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>A request (RFC 3261 §7.1).</summary>
public sealed class SipRequest : SipMessage
{
    /// <summary>A request with neither header fields nor body.</summary>
    public SipRequest(SipMethod method, SipUri requestUri)
    {
        ArgumentNullException.ThrowIfNull(requestUri);
        ArgumentException.ThrowIfNullOrEmpty(method.Name, nameof(method));
        Method = method;
        RequestUri = requestUri;
    }

    internal SipRequest(in SipMessageView view)
    {
        Method = view.Method;
        RequestUri = SipUri.Parse(view.RequestUri, out SipUri? uri) == SipParseError.None ? uri! : SipUri.Unreadable;
    }

    /// <summary>The method.</summary>
    public SipMethod Method { get; }

    /// <summary>The Request-URI. Of a request refused for it, a URI of scheme <see cref="SipScheme.Other"/> without parts.</summary>
    public SipUri RequestUri { get; set; }

    private protected override void WriteStartLine(IBufferWriter<byte> writer) =>
        Encoding.UTF8.GetBytes(string.Concat(Method.Name, " ", RequestUri.ToString(), " SIP/2.0\r\n"), writer);
}
