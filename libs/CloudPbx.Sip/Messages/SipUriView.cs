namespace CloudPbx.Sip.Messages;

/// <summary>A URI seen in place; nothing is unescaped. Allocates nothing.</summary>
public readonly ref struct SipUriView
{
    /// <summary>The whole URI.</summary>
    public ReadOnlySpan<byte> Text => throw new NotImplementedException();

    /// <summary>The kind of URI.</summary>
    public SipScheme Scheme => throw new NotImplementedException();

    /// <summary>Whether there is an <c>@</c> with a user part before it.</summary>
    public bool HasUser => throw new NotImplementedException();

    /// <summary>The user part (of <c>tel:</c> the number), with its escapes.</summary>
    public ReadOnlySpan<byte> User => throw new NotImplementedException();

    /// <summary>The host, an IPv6 address in its brackets; empty for schemes other than sip and sips.</summary>
    public ReadOnlySpan<byte> Host => throw new NotImplementedException();

    /// <summary>The port, or −1.</summary>
    public int Port => throw new NotImplementedException();

    /// <summary>The parameters.</summary>
    public SipParameterReader Parameters => throw new NotImplementedException();

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Parses a URI as it stands in a Request-URI or between angle brackets.</summary>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> text, out SipUriView uri) => throw new NotImplementedException();
}
