using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// The value of From, To, Contact, Route and their like: display name, URI and parameters (RFC 3261 §20.10, §25.1), immutable.
/// Without angle brackets every parameter is the field's, not the URI's.
/// </summary>
public sealed class NameAddress
{
    /// <summary>A value that is written <c>"Display Name" &lt;uri&gt;;parameters</c>.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="displayName">The name without quotes; control characters become spaces. <see langword="null"/> for none.</param>
    /// <param name="parameters">The field's parameters.</param>
    public NameAddress(SipUri uri, string? displayName = null, SipParameters? parameters = null) => throw new NotImplementedException();

    /// <summary>The display name without quotes and backslashes; <see langword="null"/> if there is none.</summary>
    public string? DisplayName => throw new NotImplementedException();

    /// <summary>The URI.</summary>
    public SipUri Uri => throw new NotImplementedException();

    /// <summary>The field's own parameters (tag, expires, q, …).</summary>
    public SipParameters Parameters => throw new NotImplementedException();

    /// <summary>The tag, or <see langword="null"/> (RFC 3261 §19.3).</summary>
    public string? Tag => Parameters["tag"];

    /// <summary>Parses one value.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NameAddress? address) => throw new NotImplementedException();

    /// <summary>Parses one value's octets; folded lines allowed.</summary>
    /// <returns>Why the value was refused, or <see cref="SipParseError.None"/>.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out NameAddress? address) => throw new NotImplementedException();

    /// <summary>The same address with this tag, or with none.</summary>
    public NameAddress WithTag(string? tag) => throw new NotImplementedException();

    /// <summary>The same address with this parameter set.</summary>
    public NameAddress WithParameter(string name, string? value = null) => throw new NotImplementedException();

    /// <summary>The value as it is written, with angle brackets.</summary>
    public override string ToString() => throw new NotImplementedException();
}
