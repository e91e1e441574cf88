namespace CloudPbx.Sip.Messages;

/// <summary>Spelling of header field names: canonical, compact (RFC 3261 §7.3.3), and back.</summary>
public static class SipHeaderNames
{
    /// <summary>The known field of this name, whatever its case; compact forms too. <see cref="SipHeaderName.Other"/> for any other name.</summary>
    public static SipHeaderName Identify(ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <inheritdoc cref="Identify(ReadOnlySpan{byte})"/>
    public static SipHeaderName Identify(string name) => throw new NotImplementedException();

    /// <summary>The name as the RFCs spell it, e.g. <c>Call-ID</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="SipHeaderName.Other"/> has no spelling.</exception>
    public static string ToText(this SipHeaderName name) => throw new NotImplementedException();
}
