using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// A URI of a SIP message, immutable: <c>sip:</c>, <c>sips:</c> (RFC 3261 §19.1), <c>tel:</c> (RFC 3966), or any other as text.
/// Written exactly as it was read. Equality is that of §19.1.4 (escapes, case and parameters as that section says), which is
/// not transitive for parameters that only one side has.
/// </summary>
public sealed partial class SipUri : IEquatable<SipUri>
{
    private static readonly SearchValues<byte> s_userCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/"u8);

    private readonly string _text;
    private readonly string? _rawUser;
    private readonly string? _rawPassword;
    private readonly string _rawHeaders;        // with the question mark

    internal SipUri(in SipUriView view)
    {
        _text = Encoding.ASCII.GetString(view.Text);
        Scheme = view.Scheme;
        _rawUser = view.HasUser ? Encoding.ASCII.GetString(view.User) : null;
        _rawPassword = view.Password.IsEmpty ? null : Encoding.ASCII.GetString(view.Password);
        Host = SipHost.ToText(Encoding.ASCII.GetString(view.Host));
        Port = view.Port < 0 ? null : view.Port;
        Parameters = SipParameters.From(view.Parameters, uri: true);
        _rawHeaders = view.Headers.IsEmpty ? "" : "?" + Encoding.ASCII.GetString(view.Headers);
        Headers = SipParameters.FromHeaders(view.Headers);
        User = _rawUser is null ? null : PercentEncoding.Decode(_rawUser);
    }

    /// <summary>A <c>sip:</c> or <c>sips:</c> URI.</summary>
    /// <param name="scheme"><see cref="SipScheme.Sip"/> or <see cref="SipScheme.Sips"/>.</param>
    /// <param name="user">User part, without escapes (they are added where needed); <see langword="null"/> for none.</param>
    /// <param name="host">Host name, IPv4 address or IPv6 address (brackets are added where they miss).</param>
    /// <param name="port">Port, or <see langword="null"/> for the default.</param>
    /// <param name="parameters">URI parameters.</param>
    /// <exception cref="ArgumentException">A part that cannot be written: a bug of ours.</exception>
    public SipUri(SipScheme scheme, string? user, string host, int? port = null, SipParameters? parameters = null)
        : this(ViewOf(Compose(scheme, user is null ? null : PercentEncoding.Encode(user, s_userCharacters), null, host, port, parameters?.ForUri(), "")))
    {
    }

    /// <summary>The kind of URI.</summary>
    public SipScheme Scheme { get; }

    /// <summary>The scheme as it is written, without the colon.</summary>
    public string SchemeText => _text[.._text.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>The user part (of <c>tel:</c> the number), unescaped once; <see langword="null"/> if there is none.</summary>
    public string? User { get; }

    /// <summary>The password, unescaped once; <see langword="null"/> if there is none. RFC 3261 §19.1.1 advises against it.</summary>
    public string? Password => _rawPassword is null ? null : PercentEncoding.Decode(_rawPassword);

    /// <summary>Host name or address, an IPv6 address in brackets; empty for schemes other than sip and sips.</summary>
    public string Host { get; }

    /// <summary>The port that is written, or <see langword="null"/>.</summary>
    public int? Port { get; }

    /// <summary>URI parameters (transport, lr, user, …), in their order.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The header fields after <c>?</c>, unescaped on reading. Never turn one into a real header field unlooked at.</summary>
    public SipParameters Headers { get; }

    /// <summary>The emergency service that it names, in small letters and at most 64 octets: <c>urn:service:sos</c>, <c>urn:service:sos.fire</c> (RFC 5031); <see langword="null"/> for any other URI.</summary>
    public string? EmergencyService => Scheme == SipScheme.Other ? Messages.EmergencyService.Read(SipText.Octets(_text)) : null;

    /// <summary>Whether this is <c>sip:</c> or <c>sips:</c>.</summary>
    public bool IsSip => Scheme is SipScheme.Sip or SipScheme.Sips;

    internal static SearchValues<byte> ParameterCharacters { get; } =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()[]/:&+$"u8);

    /// <summary>Stands for the Request-URI of a request that was refused for it.</summary>
    internal static SipUri Unreadable { get; } = Parse("invalid:invalid");

    /// <summary>Parses a URI as it stands in a Request-URI or between angle brackets.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        return text.Length <= SipLimits.Uri && Parse(SipText.Octets(text), out uri) == SipParseError.None && uri is not null;
    }

    /// <summary>Parses a URI's octets as they stand in a Request-URI or between angle brackets.</summary>
    /// <returns>Why they were refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> octets, out SipUri? uri)
    {
        SipParseError error = SipUriView.Parse(octets, out SipUriView view);
        uri = error == SipParseError.None ? new SipUri(view) : null;
        return error;
    }

    /// <summary>Parses a URI that we wrote ourselves.</summary>
    /// <exception cref="ArgumentException">It is malformed: a bug of ours.</exception>
    public static SipUri Parse(string text) => TryParse(text, out SipUri? uri) ? uri : throw new ArgumentException("Not a URI.", nameof(text));

    /// <summary>The same URI with another user part (unescaped text, or <see langword="null"/> for none).</summary>
    /// <exception cref="InvalidOperationException">It is neither sip nor sips; so for all methods that change a part.</exception>
    public SipUri WithUser(string? user) =>
        Changed(Compose(Scheme, user is null ? null : PercentEncoding.Encode(user, s_userCharacters), null, Host, Port, Parameters, _rawHeaders));

    /// <summary>The same URI with another host and port.</summary>
    public SipUri WithHost(string host, int? port = null) => Changed(Compose(Scheme, _rawUser, _rawPassword, host, port, Parameters, _rawHeaders));

    /// <summary>The same URI with another scheme, sip or sips.</summary>
    public SipUri WithScheme(SipScheme scheme) => Changed(Compose(scheme, _rawUser, _rawPassword, Host, Port, Parameters, _rawHeaders));

    /// <summary>The same URI with this parameter set.</summary>
    public SipUri WithParameter(string name, string? value = null) => WithParameters(Parameters.With(name, value));

    /// <summary>The same URI without this parameter.</summary>
    public SipUri WithoutParameter(string name) => Parameters.Has(name) ? WithParameters(Parameters.Without(name)) : this;

    /// <summary>The same URI with these parameters.</summary>
    public SipUri WithParameters(SipParameters parameters) => Changed(Compose(Scheme, _rawUser, _rawPassword, Host, Port, parameters.ForUri(), _rawHeaders));

    /// <summary>The same URI without the header fields after <c>?</c>.</summary>
    public SipUri WithoutHeaders() => Headers.Count == 0 ? this : Changed(Compose(Scheme, _rawUser, _rawPassword, Host, Port, Parameters, ""));

    /// <summary>The URI as it is written.</summary>
    public override string ToString() => _text;

    private SipUri Changed(byte[] octets) =>
        IsSip ? new SipUri(ViewOf(octets)) : throw new InvalidOperationException("Only sip and sips URIs have parts to change.");

    private static SipUriView ViewOf(byte[] octets) => SipUriView.ParseParts(octets, out SipUriView view) == SipParseError.None
        ? view
        : throw new ArgumentException("These parts make no SIP URI.");

    private static byte[] Compose(SipScheme scheme, string? user, string? password, string host, int? port, SipParameters? parameters, string headers)
    {
        StringBuilder text = new(scheme == SipScheme.Sips ? "sips:" : "sip:", 64);
        if (user is not null)
            text.Append(user).Append(password is null ? "" : ":").Append(password).Append('@');
        text.Append(SipHost.Bracketed(host));
        if (port is not null)
            text.Append(CultureInfo.InvariantCulture, $":{port}");
        parameters?.AppendTo(text);
        return Encoding.UTF8.GetBytes(text.Append(headers).ToString());
    }
}
