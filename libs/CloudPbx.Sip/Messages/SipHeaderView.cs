namespace CloudPbx.Sip.Messages;

/// <summary>One header field within the octets of a <see cref="SipMessageView"/>.</summary>
public readonly ref struct SipHeaderView
{
    internal SipHeaderView(SipHeaderName name, ReadOnlySpan<byte> octets, Range line, int nameLength, int valueStart)
    {
        Name = name;
        Line = line;
        Text = octets[line];
        NameText = Text[..nameLength];
        Value = Text[valueStart..].Trim(SipAscii.Lws);
    }

    /// <summary>The field, or <see cref="SipHeaderName.Other"/>.</summary>
    public SipHeaderName Name { get; }

    /// <summary>Where the field lies in the message, from its name to before the CRLF that ends it, folded lines included.</summary>
    public Range Line { get; }

    /// <summary>The octets of <see cref="Line"/>.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The name as it is written, perhaps in compact form.</summary>
    public ReadOnlySpan<byte> NameText { get; }

    /// <summary>The value without white space around it; it still holds the CR LF of folded lines.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
