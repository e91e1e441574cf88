using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// A URI of a SIP message, immutable: <c>sip:</c>, <c>sips:</c> (RFC 3261 §19.1), <c>tel:</c> (RFC 3966), or any other as text.
/// Written exactly as it was read. Equality is that of §19.1.4 (escapes, case and parameters as that section says), which is
/// not transitive for parameters that only one side has.
/// </summary>
public sealed class SipUri : IEquatable<SipUri>
{
    /// <summary>A <c>sip:</c> or <c>sips:</c> URI.</summary>
    /// <param name="scheme"><see cref="SipScheme.Sip"/> or <see cref="SipScheme.Sips"/>.</param>
    /// <param name="user">User part, without escapes (they are added where needed); <see langword="null"/> for none.</param>
    /// <param name="host">Host name, IPv4 address or IPv6 address (brackets are added where they miss).</param>
    /// <param name="port">Port, or <see langword="null"/> for the default.</param>
    /// <param name="parameters">URI parameters.</param>
    /// <exception cref="ArgumentException">A part that cannot be written: a bug of ours.</exception>
    public SipUri(SipScheme scheme, string? user, string host, int? port = null, SipParameters? parameters = null) => throw new NotImplementedException();

    /// <summary>The kind of URI.</summary>
    public SipScheme Scheme => throw new NotImplementedException();

    /// <summary>The scheme as it is written, without the colon.</summary>
    public string SchemeText => throw new NotImplementedException();

    /// <summary>The user part (of <c>tel:</c> the number), unescaped once; <see langword="null"/> if there is none.</summary>
    public string? User => throw new NotImplementedException();

    /// <summary>The password, unescaped once; <see langword="null"/> if there is none. RFC 3261 §19.1.1 advises against it.</summary>
    public string? Password => throw new NotImplementedException();

    /// <summary>Host name or address, an IPv6 address in brackets; empty for schemes other than sip and sips.</summary>
    public string Host => throw new NotImplementedException();

    /// <summary>The port that is written, or <see langword="null"/>.</summary>
    public int? Port => throw new NotImplementedException();

    /// <summary>URI parameters (transport, lr, user, …), in their order.</summary>
    public SipParameters Parameters => throw new NotImplementedException();

    /// <summary>The header fields after <c>?</c>, unescaped on reading. Never turn one into a real header field unlooked at.</summary>
    public SipParameters Headers => throw new NotImplementedException();

    /// <summary>Whether this is <c>sip:</c> or <c>sips:</c>.</summary>
    public bool IsSip => Scheme is SipScheme.Sip or SipScheme.Sips;

    /// <summary>Parses a URI as it stands in a Request-URI or between angle brackets.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SipUri? uri) => throw new NotImplementedException();

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out SipUri?)"/>
    /// <param name="octets">The URI's octets.</param>
    /// <param name="uri">The URI, or <see langword="null"/>.</param>
    public static SipParseError Parse(ReadOnlySpan<byte> octets, out SipUri? uri) => throw new NotImplementedException();

    /// <summary>Parses a URI that we wrote ourselves.</summary>
    /// <exception cref="ArgumentException">It is malformed: a bug of ours.</exception>
    public static SipUri Parse(string text) => TryParse(text, out SipUri? uri) ? uri : throw new ArgumentException("Not a SIP URI.", nameof(text));

    /// <summary>The same URI with another user part (unescaped text, or <see langword="null"/> for none).</summary>
    public SipUri WithUser(string? user) => throw new NotImplementedException();

    /// <summary>The same URI with another host and port.</summary>
    public SipUri WithHost(string host, int? port = null) => throw new NotImplementedException();

    /// <summary>The same URI with another scheme, sip or sips.</summary>
    public SipUri WithScheme(SipScheme scheme) => throw new NotImplementedException();

    /// <summary>The same URI with this parameter set.</summary>
    public SipUri WithParameter(string name, string? value = null) => WithParameters(Parameters.With(name, value));

    /// <summary>The same URI with these parameters.</summary>
    public SipUri WithParameters(SipParameters parameters) => throw new NotImplementedException();

    /// <summary>The same URI without the header fields after <c>?</c>.</summary>
    public SipUri WithoutHeaders() => throw new NotImplementedException();

    /// <summary>Whether the two URIs are equivalent by RFC 3261 §19.1.4.</summary>
    public bool Equals(SipUri? other) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SipUri);

    /// <inheritdoc/>
    public override int GetHashCode() => throw new NotImplementedException();

    /// <summary>The URI as it is written.</summary>
    public override string ToString() => throw new NotImplementedException();
}
