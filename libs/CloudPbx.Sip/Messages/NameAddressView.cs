using System.Buffers;

namespace CloudPbx.Sip.Messages;

/// <summary>A name-addr or addr-spec with its parameters, seen in place (RFC 3261 §20.10, §25.1). Allocates nothing.</summary>
public readonly ref struct NameAddressView
{
    // §25.1 wants tokens. Phones also write brackets, "#" or UTF-8; what could be read as something else stays refused (RFC 4475 §3.1.2.15).
    private static readonly SearchValues<byte> s_notInName =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i).Where(c => !SipAscii.Lws.Contains(c)), .. ",;:@\\\"<>"u8, 0x7F]);

    private readonly ReadOnlySpan<byte> _parameters;

    private NameAddressView(ReadOnlySpan<byte> displayName, SipUriView uri, ReadOnlySpan<byte> parameters)
    {
        DisplayName = displayName;
        Uri = uri;
        _parameters = parameters;
    }

    /// <summary>The display name as it is written, with its quotes; empty if there is none.</summary>
    public ReadOnlySpan<byte> DisplayName { get; }

    /// <summary>The URI.</summary>
    public SipUriView Uri { get; }

    /// <summary>The field's own parameters.</summary>
    public SipParameterReader Parameters => SipParameterReader.OfField(_parameters);

    /// <summary>The tag; empty if there is none.</summary>
    public ReadOnlySpan<byte> Tag => TryGetParameter("tag"u8, out ReadOnlySpan<byte> tag) ? tag : default;

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryFind(name, out value);

    /// <summary>Parses one value; a field with several is split by <see cref="SipValueReader"/> before.</summary>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out NameAddressView address)
    {
        address = default;
        value = value.Trim(SipAscii.Lws);
        if (value.IsEmpty)
            return SipParseError.NameAddress;
        ReadOnlySpan<byte> name = default;
        if (value[0] == (byte)'"')
        {
            int length = SipAscii.QuotedLength(value);
            if (length < 0)
                return SipParseError.QuotedString;
            name = value[..length];
            value = value[length..].TrimStart(SipAscii.Lws);
            if (value.IsEmpty || value[0] != (byte)'<')
                return SipParseError.NameAddress;
        }
        else
        {
            int first = value.IndexOfAny((byte)'<', (byte)'"', (byte)';');
            if (first < 0 || value[first] == (byte)';')
                return ParseBare(value, first < 0 ? value.Length : first, out address);
            name = value[..first].TrimEnd(SipAscii.Lws);
            value = value[first..];
            if (value[0] == (byte)'"' || name.ContainsAny(s_notInName))
                return SipParseError.DisplayName;
        }
        int close = value.IndexOf((byte)'>');
        if (close < 0)
            return SipParseError.NameAddress;
        SipParseError error = SipUriView.Parse(value[1..close], out SipUriView uri);
        address = new NameAddressView(name, uri, value[(close + 1)..]);
        return error != SipParseError.None ? error : address.Parameters.FindFault();
    }

    // §20.10: without brackets everything from the first semicolon on is the field's, and "?" and "," cannot stand in the URI.
    private static SipParseError ParseBare(ReadOnlySpan<byte> value, int end, out NameAddressView address)
    {
        ReadOnlySpan<byte> text = value[..end].TrimEnd(SipAscii.Lws);
        SipParseError error = SipUriView.Parse(text, out SipUriView uri);
        address = new NameAddressView(default, uri, value[end..]);
        return error != SipParseError.None ? error
            : text.ContainsAny((byte)'?', (byte)',') ? SipParseError.NameAddress
            : address.Parameters.FindFault();
    }
}
