using System.Buffers;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

public sealed partial class SipUri
{
    // §19.1.4: these differ when only one side has them, whatever their default.
    private static readonly string[] s_decisive = ["transport", "user", "ttl", "method", "maddr"];

    // §25.1 reserved: an escaped one is not the same as the plain one.
    private static readonly SearchValues<byte> s_reserved = SearchValues.Create(";/?:@&=+$,"u8);

    /// <summary>Whether the two URIs are equivalent by RFC 3261 §19.1.4 (sip, sips), RFC 3966 §4 (tel), or letter for letter (others).</summary>
    public bool Equals(SipUri? other)
    {
        if (other is null || Scheme != other.Scheme)
            return false;
        if (ReferenceEquals(this, other))
            return true;
        return Scheme switch
        {
            SipScheme.Other => string.Equals(_text, other._text, StringComparison.Ordinal),
            SipScheme.Tel => string.Equals(Number, other.Number, StringComparison.OrdinalIgnoreCase)
                && Parameters.Count == other.Parameters.Count && SharedParametersMatch(other) && other.Parameters.All(item => Parameters.Has(item.Name)),
            _ => Port == other.Port
                && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase)
                && string.Equals(NormalUser, other.NormalUser, StringComparison.Ordinal)
                && string.Equals(Normal(_rawPassword), Normal(other._rawPassword), StringComparison.Ordinal)
                && SharedParametersMatch(other)
                && DecisiveParametersMatch(other)
                && HeadersMatch(other),
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SipUri);

    /// <inheritdoc/>
    public override int GetHashCode() => Scheme switch
    {
        SipScheme.Other => _text.GetHashCode(StringComparison.Ordinal),
        SipScheme.Tel => Number.GetHashCode(StringComparison.OrdinalIgnoreCase),
        _ => HashCode.Combine(Scheme, NormalUser, Host.GetHashCode(StringComparison.OrdinalIgnoreCase), Port),
    };

    private string? NormalUser => Normal(_rawUser);

    // RFC 3966 §3: visual separators do not count.
    private string Number => string.Concat((_rawUser ?? "").Where(c => !"-.()".Contains(c, StringComparison.Ordinal)));

    private bool SharedParametersMatch(SipUri other)
    {
        for (int i = 0; i < Parameters.Count; i++)
        {
            string plain = PercentEncoding.Decode(Parameters[i].Name);        // of a repeated one the first counts, as everywhere
            string? here = Normal(Raw(Parameters, plain));
            if (other.Parameters.Has(plain) && !string.Equals(here, Normal(Raw(other.Parameters, plain)), StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    private bool DecisiveParametersMatch(SipUri other)
    {
        if (Parameters.Count == 0 && other.Parameters.Count == 0)
            return true;
        foreach (string name in s_decisive)
            if (Parameters.Has(name) != other.Parameters.Has(name))
                return false;
        return true;
    }

    private bool HeadersMatch(SipUri other) =>
        Headers.Count == other.Headers.Count
        && (Headers.Count == 0 || Headers.All(header => other.Headers.Any(candidate =>
            string.Equals(PercentEncoding.Decode(header.Name), PercentEncoding.Decode(candidate.Name), StringComparison.OrdinalIgnoreCase)
            && string.Equals(Normal(header.Value), Normal(candidate.Value), StringComparison.Ordinal))));

    private static string? Raw(SipParameters parameters, string name)
    {
        for (int i = 0; i < parameters.Count; i++)
            if (string.Equals(PercentEncoding.Decode(parameters[i].Name), name, StringComparison.OrdinalIgnoreCase))
                return parameters[i].Value;
        return null;
    }

    private static string? Normal(string? text) => text is null ? null : PercentEncoding.Normalize(text, s_reserved);
}
