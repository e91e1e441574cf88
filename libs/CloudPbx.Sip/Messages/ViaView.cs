namespace CloudPbx.Sip.Messages;

/// <summary>One Via value seen in place. Allocates nothing.</summary>
public readonly ref struct ViaView
{
    /// <summary>The transport token, e.g. <c>UDP</c>.</summary>
    public ReadOnlySpan<byte> Transport => throw new NotImplementedException();

    /// <summary>The sent-by host, an IPv6 address in its brackets.</summary>
    public ReadOnlySpan<byte> Host => throw new NotImplementedException();

    /// <summary>The sent-by port, or −1.</summary>
    public int Port => throw new NotImplementedException();

    /// <summary>The branch; empty if there is none.</summary>
    public ReadOnlySpan<byte> Branch => throw new NotImplementedException();

    /// <summary>Whether there is an rport parameter, with or without a value (RFC 3581 §3).</summary>
    public bool HasRPort => throw new NotImplementedException();

    /// <summary>The parameters.</summary>
    public SipParameterReader Parameters => throw new NotImplementedException();

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Parses one value; a field with several is split by <see cref="SipValueReader"/> before.</summary>
    /// <param name="value">One value.</param>
    /// <param name="via">The value; with a faulty parameter still transport and sent-by.</param>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out ViaView via) => throw new NotImplementedException();
}
