using System.Buffers;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>A URI seen in place; nothing is unescaped. Allocates nothing.</summary>
public readonly ref struct SipUriView
{
    // RFC 3261 §25.1 user and password, and what phones leave unescaped in a user part ("#" of dialled codes above all).
    private static readonly SearchValues<byte> s_userInfo =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/%#[]{}|^`"u8);

    // Visible ASCII but what delimits a URI in a header field.
    private static readonly SearchValues<byte> s_visible =
        SearchValues.Create([.. Enumerable.Range(33, 94).Select(i => (byte)i).Where(c => !"\"<>\\"u8.Contains(c))]);

    private readonly ReadOnlySpan<byte> _parameters;
    private readonly ReadOnlySpan<byte> _headers;

    private SipUriView(ReadOnlySpan<byte> text, SipScheme scheme, ReadOnlySpan<byte> user, bool hasUser,
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> host, int port, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> headers)
    {
        Text = text;
        Scheme = scheme;
        User = user;
        HasUser = hasUser;
        Password = password;
        Host = host;
        Port = port;
        _parameters = parameters;
        _headers = headers;
    }

    /// <summary>The whole URI.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The kind of URI.</summary>
    public SipScheme Scheme { get; }

    /// <summary>Whether there is a user part (RFC 3261 §19.1.1: never empty).</summary>
    public bool HasUser { get; }

    /// <summary>The user part (of <c>tel:</c> the number), with its escapes.</summary>
    public ReadOnlySpan<byte> User { get; }

    /// <summary>The password, with its escapes; empty if there is none.</summary>
    public ReadOnlySpan<byte> Password { get; }

    /// <summary>The host, an IPv6 address in its brackets; empty for schemes other than sip and sips.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>The port, or −1.</summary>
    public int Port { get; }

    /// <summary>Whether it names an emergency service, <c>urn:service:sos</c> or one below it (RFC 5031).</summary>
    public bool IsEmergencyService => Scheme == SipScheme.Other && EmergencyService.IsIn(Text);

    /// <summary>The parameters.</summary>
    public SipParameterReader Parameters => SipParameterReader.OfUri(_parameters);

    /// <summary>What stands after <c>?</c>.</summary>
    internal ReadOnlySpan<byte> Headers => _headers;

    /// <summary>Parameters with the first semicolon.</summary>
    internal ReadOnlySpan<byte> ParameterText => _parameters;

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryFind(name, out value);

    /// <summary>Parses a URI as it stands in a Request-URI or between angle brackets.</summary>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> text, out SipUriView uri)
    {
        uri = default;
        return text.Length > SipLimits.Uri ? SipParseError.TooLong : ParseParts(text, out uri);
    }

    /// <summary>The same without a limit, for what we put together ourselves: escaping may have made it longer than what was received.</summary>
    internal static SipParseError ParseParts(ReadOnlySpan<byte> text, out SipUriView uri)
    {
        uri = default;
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || !IsScheme(text[..colon]))
            return SipParseError.UriScheme;
        if (text.ContainsAnyExcept(s_visible))
            return SipParseError.UriCharacter;
        ReadOnlySpan<byte> rest = text[(colon + 1)..];
        switch (Identify(text[..colon]))
        {
            case SipScheme.Tel:
                return ParseTel(text, rest, out uri);
            case SipScheme.Other:
                uri = new SipUriView(text, SipScheme.Other, default, false, default, default, -1, default, default);
                return rest.IsEmpty ? SipParseError.UriCharacter : SipParseError.None;
            case SipScheme scheme:
                return ParseSip(text, rest, scheme, out uri);
        }
    }

    internal static SipScheme Identify(ReadOnlySpan<byte> scheme) =>
        SipAscii.EqualsIgnoreCase(scheme, "sip"u8) ? SipScheme.Sip
        : SipAscii.EqualsIgnoreCase(scheme, "sips"u8) ? SipScheme.Sips
        : SipAscii.EqualsIgnoreCase(scheme, "tel"u8) ? SipScheme.Tel
        : SipScheme.Other;

    private static SipParseError ParseSip(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rest, SipScheme scheme, out SipUriView uri)
    {
        uri = default;
        ReadOnlySpan<byte> user = default, password = default;
        int at = rest.IndexOf((byte)'@');                       // §25.1: a user part may hold ";" and "?", nothing may hold a second "@"
        if (at >= 0)
        {
            user = rest[..at];
            rest = rest[(at + 1)..];
            if (user.IndexOf((byte)':') is int colon and >= 0)
            {
                password = user[(colon + 1)..];
                user = user[..colon];
            }
            if (user.IsEmpty || user.ContainsAnyExcept(s_userInfo) || password.ContainsAnyExcept(s_userInfo)
                || !PercentEncoding.IsWellFormed(user) || !PercentEncoding.IsWellFormed(password))
                return SipParseError.UriCharacter;
        }
        SipParseError error = SipHost.Take(ref rest, out ReadOnlySpan<byte> host);
        if (error != SipParseError.None)
            return error;
        int port = -1;
        if (!rest.IsEmpty && rest[0] == (byte)':')
        {
            int end = rest.IndexOfAny((byte)';', (byte)'?') is int next and >= 0 ? next : rest.Length;
            error = SipHost.ReadPort(rest[1..end], out port);
            if (error != SipParseError.None)
                return error;
            rest = rest[end..];
        }
        ReadOnlySpan<byte> headers = default;
        if (rest.IndexOf((byte)'?') is int question and >= 0)
        {
            headers = rest[(question + 1)..];
            rest = rest[..question];
            if (headers.IsEmpty || !PercentEncoding.IsWellFormed(headers))
                return SipParseError.UriCharacter;
        }
        uri = new SipUriView(text, scheme, user, at >= 0, password, host, port, rest, headers);
        return rest.IsEmpty ? SipParseError.None : rest[0] == (byte)';' ? uri.Parameters.FindFault() : SipParseError.Host;
    }

    private static SipParseError ParseTel(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rest, out SipUriView uri)
    {
        int end = rest.IndexOf((byte)';') is int next and >= 0 ? next : rest.Length;
        ReadOnlySpan<byte> number = rest[..end];
        uri = new SipUriView(text, SipScheme.Tel, number, true, default, default, -1, rest[end..], default);
        return number.IsEmpty || number.ContainsAnyExcept(s_userInfo) || !PercentEncoding.IsWellFormed(number)
            ? SipParseError.UriCharacter
            : uri.Parameters.FindFault();
    }

    // RFC 3986 §3.1: a letter, then letters, digits, "+", "-", ".".
    private static bool IsScheme(ReadOnlySpan<byte> scheme)
    {
        if (!char.IsAsciiLetter((char)scheme[0]))
            return false;
        foreach (byte octet in scheme)
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'+' or (byte)'-' or (byte)'.'))
                return false;
        return true;
    }
}
