using System.Diagnostics.CodeAnalysis;
using System.Text;

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
    public NameAddress(SipUri uri, string? displayName = null, SipParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(uri);
        Uri = uri;
        DisplayName = displayName is null ? null : WithoutControls(displayName);
        Parameters = parameters?.ForField() ?? SipParameters.Empty;
    }

    /// <summary>The display name without quotes and backslashes, control characters as spaces; <see langword="null"/> if there is none.</summary>
    public string? DisplayName { get; }

    /// <summary>The URI.</summary>
    public SipUri Uri { get; }

    /// <summary>The field's own parameters (tag, expires, q, …).</summary>
    public SipParameters Parameters { get; }

    /// <summary>The tag, or <see langword="null"/> (RFC 3261 §19.3).</summary>
    public string? Tag => Parameters["tag"];

    /// <summary>Parses one value.</summary>
    /// <returns>Whether the text follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out NameAddress? address) =>
        Parse(SipText.Octets(text), out address) == SipParseError.None && address is not null;

    /// <summary>Parses one value's octets; folded lines allowed.</summary>
    /// <returns>Why the value was refused, or <see cref="SipParseError.None"/>.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out NameAddress? address)
    {
        address = null;
        SipParseError error = NameAddressView.Parse(value, out NameAddressView view);
        if (error != SipParseError.None)
            return error;
        string? name = view.DisplayName.IsEmpty ? null : SipText.Unquote(SipText.Unfold(view.DisplayName));
        address = new NameAddress(new SipUri(view.Uri), name, SipParameters.From(view.Parameters, uri: false));
        return SipParseError.None;
    }

    /// <summary>The same address with this tag, or with none.</summary>
    public NameAddress WithTag(string? tag) => new(Uri, DisplayName, tag is null ? Parameters.Without("tag") : Parameters.With("tag", tag));

    /// <summary>The same address with this parameter set.</summary>
    public NameAddress WithParameter(string name, string? value = null) => new(Uri, DisplayName, Parameters.With(name, value));

    private static string WithoutControls(string name)
    {
        foreach (char c in name)
            if (char.IsControl(c))
                return string.Concat(name.Select(c => char.IsControl(c) ? ' ' : c));
        return name;
    }

    /// <summary>The value as it is written, with angle brackets.</summary>
    public override string ToString()
    {
        StringBuilder text = new(64);
        if (!string.IsNullOrEmpty(DisplayName))
            text.AppendQuoted(DisplayName).Append(' ');
        return Parameters.AppendTo(text.Append('<').Append(Uri).Append('>')).ToString();
    }
}
