using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Sip.Messages;

/// <summary>One Via value (RFC 3261 §20.42; rport RFC 3581), immutable.</summary>
public sealed class Via
{
    /// <summary>What every branch of RFC 3261 begins with (§8.1.1.7).</summary>
    public const string MagicCookie = "z9hG4bK";

    /// <summary>A Via that is written <c>SIP/2.0/TRANSPORT host:port;branch=…</c>.</summary>
    /// <param name="transport">UDP, TCP, TLS, WS, WSS or another token.</param>
    /// <param name="host">Host name or address; an IPv6 address in brackets.</param>
    /// <param name="port">Port, or <see langword="null"/>.</param>
    /// <param name="branch">The whole branch, with its magic cookie.</param>
    /// <param name="parameters">Further parameters, after the branch.</param>
    public Via(string transport, string host, int? port, string branch, SipParameters? parameters = null) => throw new NotImplementedException();

    /// <summary>The transport token as it is written, e.g. <c>UDP</c>; compare without regard to case.</summary>
    public string Transport => throw new NotImplementedException();

    /// <summary>The sent-by host, an IPv6 address in brackets.</summary>
    public string Host => throw new NotImplementedException();

    /// <summary>The sent-by port, or <see langword="null"/>.</summary>
    public int? Port => throw new NotImplementedException();

    /// <summary>The branch, or <see langword="null"/> (RFC 2543 peers).</summary>
    public string? Branch => Parameters["branch"];

    /// <summary>Whether the branch identifies the transaction: the magic cookie and at least one octet more (§17.2.3; RFC 4475 §3.2.1).</summary>
    public bool HasRfc3261Branch => Branch is { } branch && branch.Length > MagicCookie.Length && branch.StartsWith(MagicCookie, StringComparison.OrdinalIgnoreCase);

    /// <summary>The received parameter: the address the request came from; an IPv6 address without brackets, whichever way it was written.</summary>
    public string? Received => throw new NotImplementedException();

    /// <summary>The port of the rport parameter, or <see langword="null"/> if it is absent or has no value yet.</summary>
    public int? RPort => throw new NotImplementedException();

    /// <summary>Whether the sender asked for symmetric response routing (RFC 3581 §3).</summary>
    public bool HasRPort => Parameters.Has("rport");

    /// <summary>All parameters, the branch among them.</summary>
    public SipParameters Parameters => throw new NotImplementedException();

    /// <summary>Parses one Via value.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Via? via) => throw new NotImplementedException();

    /// <summary>Parses one Via value's octets; folded lines allowed.</summary>
    /// <param name="value">One value: a field with several is split before.</param>
    /// <param name="via">The value; with a faulty parameter still transport and sent-by, so that the request can be answered.</param>
    /// <returns>Why the value was refused, or <see cref="SipParseError.None"/>.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out Via? via) => throw new NotImplementedException();

    /// <summary>The same value with this parameter set.</summary>
    public Via WithParameter(string name, string? value = null) => throw new NotImplementedException();

    /// <summary>The value as it is written.</summary>
    public override string ToString() => throw new NotImplementedException();
}
