namespace CloudPbx.Sdp;

/// <summary>A payload type with the codec that it stands for in one description (its rtpmap and fmtp).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Codec">The codec.</param>
/// <param name="Parameters">The text of its <c>a=fmtp</c> behind the payload type, or <see langword="null"/>.</param>
public sealed record PayloadFormat(int PayloadType, AudioCodec Codec, string? Parameters = null)
{
    /// <summary>Reads one <c>name=value</c> of the format parameters (RFC 8866 §6.15); spaces around are ignored.</summary>
    /// <param name="name">The parameter's name, any case.</param>
    /// <returns>The value, empty for a bare name, or <see langword="null"/> if it is absent.</returns>
    public string? Parameter(string name)
    {
        foreach (string part in (Parameters ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            ReadOnlySpan<char> found = equals < 0 ? part : part.AsSpan(0, equals).TrimEnd();
            if (found.Equals(name, StringComparison.OrdinalIgnoreCase))
                return equals < 0 ? "" : part[(equals + 1)..].Trim();
        }
        return null;
    }

    /// <summary>Whether packets of the other format can be passed on as this one: the same codec, packed the same way.</summary>
    /// <param name="other">A format of another description.</param>
    /// <returns>True if the payload octets mean the same.</returns>
    public bool IsInterchangeableWith(PayloadFormat other)
    {
        if (!Codec.Equals(other.Codec))
            return false;
        // These parameters change the payload's bits: INTEROP I57 for AMR; RFC 3952 for iLBC; RFC 5577 for G.722.1.
        string? decisive = Codec.Name.ToUpperInvariant() switch
        {
            "AMR" or "AMR-WB" => "octet-align",
            "ILBC" => "mode",
            "G7221" => "bitrate",
            _ => null,
        };
        return decisive is null || Normalise(Parameter(decisive)) == Normalise(other.Parameter(decisive));

        static string Normalise(string? value) => value is null or "0" ? "" : value;
    }
}
