using System.Buffers;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>Walks over parameters <c>;name=value;name</c> of a header field or URI, in place.</summary>
public ref struct SipParameterReader
{
    // Between ";" and "=" of a header field; white space, separators and controls end a value that has no quotes.
    private static readonly SearchValues<byte> s_fieldValueEnd = SearchValues.Create([.. Controls, .. " ;,\"<>"u8, 0x7F]);

    // RFC 3261 §25.1 paramchar; "%" is looked at by itself.
    private static readonly SearchValues<byte> s_uriCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()[]/:&+$%"u8);

    private readonly bool _uri;
    private ReadOnlySpan<byte> _rest;

    private SipParameterReader(ReadOnlySpan<byte> parameters, bool uri)
    {
        _rest = parameters;
        _uri = uri;
    }

    /// <summary>Octets that one parameter of a URI may have unescaped.</summary>
    internal static SearchValues<byte> UriCharacters => s_uriCharacters;

    private static IEnumerable<byte> Controls => Enumerable.Range(0, 32).Select(i => (byte)i);

    /// <summary>Reads a header field's parameters: what begins with the first semicolon, or is empty.</summary>
    internal static SipParameterReader OfField(ReadOnlySpan<byte> parameters) => new(parameters, uri: false);

    /// <summary>Reads a URI's parameters: what begins with the first semicolon after the host, or is empty.</summary>
    internal static SipParameterReader OfUri(ReadOnlySpan<byte> parameters) => new(parameters, uri: true);

    /// <summary>The next parameter.</summary>
    /// <param name="name">The name, without white space around it.</param>
    /// <param name="value">The value with its quotes or escapes; empty for a parameter without one.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) =>
        Read(out name, out value) == SipParseError.None && !name.IsEmpty;

    /// <summary>The value of the first parameter of this name.</summary>
    internal readonly bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        SipParameterReader reader = this;
        while (reader.TryRead(out ReadOnlySpan<byte> candidate, out value))
            if (SipAscii.EqualsIgnoreCase(candidate, name))
                return true;
        return false;
    }

    /// <summary>Whether all of it follows the grammar.</summary>
    internal readonly SipParseError FindFault()
    {
        SipParameterReader reader = this;
        for (int count = 0; ; count++)
        {
            SipParseError error = reader.Read(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            if (error != SipParseError.None || name.IsEmpty)
                return error;
            if (count == SipLimits.Parameters || name.Length > SipLimits.Parameter || value.Length > SipLimits.Parameter)
                return SipParseError.TooLong;
        }
    }

    // No fault and no name: the end.
    private SipParseError Read(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (_uri)
            return ReadOfUri(out name, out value);
        name = value = default;
        ReadOnlySpan<byte> rest = _rest.TrimStart(SipAscii.Lws);
        if (rest.IsEmpty)
            return SipParseError.None;
        if (rest[0] != (byte)';')
            return SipParseError.Parameter;
        rest = rest[1..].TrimStart(SipAscii.Lws);
        int length = SipAscii.TokenLength(rest);
        if (length == 0)
            return SipParseError.Parameter;
        ReadOnlySpan<byte> token = rest[..length];
        rest = rest[length..].TrimStart(SipAscii.Lws);
        if (!rest.IsEmpty && rest[0] == (byte)'=')
        {
            rest = rest[1..].TrimStart(SipAscii.Lws);
            if (rest.IsEmpty)
                return SipParseError.Parameter;
            length = rest[0] == (byte)'"' ? SipAscii.QuotedLength(rest) : rest.IndexOfAny(s_fieldValueEnd) is int end and >= 0 ? end : rest.Length;
            if (length <= 0)
                return length < 0 ? SipParseError.QuotedString : SipParseError.Parameter;
            value = rest[..length];
            rest = rest[length..];
        }
        name = token;
        _rest = rest;
        return SipParseError.None;
    }

    private SipParseError ReadOfUri(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (_rest.IsEmpty)
            return SipParseError.None;
        if (_rest[0] != (byte)';')
            return SipParseError.Parameter;
        int end = _rest[1..].IndexOf((byte)';') is int next and >= 0 ? next + 1 : _rest.Length;
        ReadOnlySpan<byte> parameter = _rest[1..end];
        int equals = parameter.IndexOf((byte)'=');
        ReadOnlySpan<byte> left = equals < 0 ? parameter : parameter[..equals];
        ReadOnlySpan<byte> right = equals < 0 ? default : parameter[(equals + 1)..];
        if (left.IsEmpty || (equals >= 0 && right.IsEmpty))
            return SipParseError.Parameter;
        if (left.ContainsAnyExcept(s_uriCharacters) || right.ContainsAnyExcept(s_uriCharacters) || !PercentEncoding.IsWellFormed(parameter))
            return SipParseError.UriCharacter;
        name = left;
        value = right;
        _rest = _rest[end..];
        return SipParseError.None;
    }
}
