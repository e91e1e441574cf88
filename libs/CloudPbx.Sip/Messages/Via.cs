using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>One Via value (RFC 3261 §20.42; rport RFC 3581), immutable.</summary>
public sealed class Via
{
    /// <summary>What every branch of RFC 3261 begins with (§8.1.1.7).</summary>
    public const string MagicCookie = "z9hG4bK";

    private readonly string? _text;                     // of one that we make: it is written soon

    /// <summary>A Via that is written <c>SIP/2.0/TRANSPORT host:port;branch=…</c>.</summary>
    /// <param name="transport">UDP, TCP, TLS, WS, WSS or another token.</param>
    /// <param name="host">Host name or address; brackets are added to an IPv6 address where they miss.</param>
    /// <param name="port">Port, or <see langword="null"/>.</param>
    /// <param name="branch">The whole branch, with its magic cookie.</param>
    /// <param name="parameters">Further parameters, after the branch.</param>
    /// <exception cref="ArgumentException">A part that cannot be written: a bug of ours.</exception>
    public Via(string transport, string host, int? port, string branch, SipParameters? parameters = null)
        : this(transport, SipHost.Bracketed(host), port, SipParameters.Empty.With("branch", branch).WithAll(parameters ?? SipParameters.Empty))
    {
        _text = ToString();
        if (ViaView.Parse(SipText.Octets(_text), out _) != SipParseError.None)
            throw new ArgumentException("These parts make no Via.");
    }

    private Via(string transport, string host, int? port, SipParameters parameters)
    {
        Transport = transport;
        Host = host;
        Port = port;
        Parameters = parameters;
    }

    /// <summary>The transport token as it is written, e.g. <c>UDP</c>; compare without regard to case.</summary>
    public string Transport { get; }

    /// <summary>The sent-by host, an IPv6 address in brackets.</summary>
    public string Host { get; }

    /// <summary>The sent-by port, or <see langword="null"/>.</summary>
    public int? Port { get; }

    /// <summary>All parameters, the branch among them.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The branch, or <see langword="null"/> (RFC 2543 peers).</summary>
    public string? Branch => Parameters["branch"];

    /// <summary>Whether the branch identifies the transaction: the magic cookie and at least one octet more (§17.2.3; RFC 4475 §3.2.1).</summary>
    public bool HasRfc3261Branch =>
        Branch is { } branch && branch.Length > MagicCookie.Length && branch.StartsWith(MagicCookie, StringComparison.OrdinalIgnoreCase);

    /// <summary>The received parameter: where the request came from; an IPv6 address without brackets, however it was written (RFC 5118 §4.5).</summary>
    public string? Received => Parameters["received"]?.Trim('[', ']');

    /// <summary>The port of the rport parameter, or <see langword="null"/> if it is absent or has no value yet.</summary>
    public int? RPort =>
        Parameters["rport"] is { } text && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;

    /// <summary>Whether the sender asked for symmetric response routing (RFC 3581 §3).</summary>
    public bool HasRPort => Parameters.Has("rport");

    /// <summary>Parses one Via value.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Via? via) =>
        Parse(SipText.Octets(text), out via) == SipParseError.None && via is not null;

    /// <summary>Parses one Via value's octets; folded lines allowed.</summary>
    /// <param name="value">One value: a field with several is split before.</param>
    /// <param name="via">The value; with a faulty parameter still transport, sent-by and the parameters before, so that the request can be answered.</param>
    /// <returns>Why the value was refused, or <see cref="SipParseError.None"/>.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out Via? via)
    {
        SipParseError error = ViaView.Parse(value, out ViaView view);
        via = view.Host.IsEmpty ? null : new Via(
            Encoding.ASCII.GetString(view.Transport),
            SipHost.ToText(Encoding.ASCII.GetString(view.Host)),
            view.Port < 0 ? null : view.Port,
            SipParameters.From(view.Parameters, uri: false));
        return error;
    }

    /// <summary>The same value with this parameter set.</summary>
    public Via WithParameter(string name, string? value = null) => new(Transport, Host, Port, Parameters.With(name, value));

    /// <summary>The value as it is written.</summary>
    public override string ToString()
    {
        if (_text is not null)
            return _text;
        StringBuilder text = new($"SIP/2.0/{Transport} {Host}", 128);
        if (Port is { } port)
            text.Append(CultureInfo.InvariantCulture, $":{port}");
        return Parameters.AppendTo(text).ToString();
    }
}
