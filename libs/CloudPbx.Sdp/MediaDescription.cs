using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>One <c>m=</c> section (RFC 8866 §5.14) with all its lines. Immutable; what is not understood is kept as it came.</summary>
public sealed class MediaDescription
{
    private IReadOnlyList<PayloadFormat>? _payloadFormats;       // asked for several times in each offer and answer

    /// <summary>The media: <c>audio</c>, <c>video</c>, <c>image</c> …</summary>
    public required string Kind { get; init; }

    /// <summary>The transport port; 0 means refused or not wanted (RFC 3264 §6).</summary>
    public required int Port { get; init; }

    /// <summary>The number of port pairs behind a slash; 1 when not said.</summary>
    public int PortCount { get; init; } = 1;

    /// <summary>The transport protocol as written, for example <c>RTP/AVP</c> or <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The formats as written: payload types for RTP, anything for other protocols.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>The section's own address, or <see langword="null"/>: then the session's counts.</summary>
    public SdpConnection? Connection { get; init; }

    /// <summary>Lines <c>i=</c>, <c>b=</c>, <c>k=</c> as they came.</summary>
    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [];

    /// <summary>All attributes in order.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>True for the profiles that RTP can be sent with: AVP, AVPF, SAVP, SAVPF, also under UDP/TLS.</summary>
    public bool IsRtp => Protocol.ToUpperInvariant() is "RTP/AVP" or "RTP/AVPF" or "RTP/SAVP" or "RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "UDP/TLS/RTP/SAVPF";

    /// <summary>True for RTP/SAVP and RTP/SAVPF: encryption with keys in the description (RFC 4568).</summary>
    public bool IsSdesProfile => Protocol.ToUpperInvariant() is "RTP/SAVP" or "RTP/SAVPF";

    /// <summary>True for the DTLS-SRTP profiles (RFC 5764).</summary>
    public bool IsDtlsProfile => Protocol.StartsWith("UDP/TLS/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The section's own direction, or <see langword="null"/>: then the session's counts.</summary>
    public MediaDirection? Direction
    {
        get
        {
            foreach (SdpAttribute attribute in Attributes)
            {
                if (attribute.Value is null && MediaDirections.TryParse(attribute.Name, out MediaDirection direction))
                    return direction;
            }
            return null;
        }
    }

    /// <summary><c>a=ptime</c> in milliseconds, held to 5 to 200, or <see langword="null"/>.</summary>
    public int? PtimeMilliseconds => Milliseconds("ptime");

    /// <summary><c>a=maxptime</c> in milliseconds, held to 5 to 200, or <see langword="null"/>.</summary>
    public int? MaxPtimeMilliseconds => Milliseconds("maxptime");

    /// <summary>True if <c>a=rtcp-mux</c> is there (RFC 5761).</summary>
    public bool RtcpMux => Has("rtcp-mux");

    /// <summary>The first value of an attribute.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <returns>Its value, empty for a flag, or <see langword="null"/> if it is absent.</returns>
    public string? Attribute(string name)
    {
        foreach (SdpAttribute attribute in Attributes)
        {
            if (attribute.Name == name)
                return attribute.Value ?? "";
        }
        return null;
    }

    /// <summary>Whether an attribute is there.</summary>
    /// <param name="name">The attribute's name.</param>
    /// <returns>True if it is, with or without value.</returns>
    public bool Has(string name) => Attribute(name) is not null;

    /// <summary>The RTP payload formats in their order of preference; formats without a meaning are left out.</summary>
    /// <returns>For each payload type of the <c>m=</c> line its rtpmap, else its static meaning, and its fmtp.</returns>
    public IReadOnlyList<PayloadFormat> PayloadFormats() => _payloadFormats ??= PayloadFormats([]);

    internal IReadOnlyList<PayloadFormat> PayloadFormats(IReadOnlyList<PayloadFormat> fallback)
    {
        var formats = new List<PayloadFormat>();
        UInt128 seen = 0;                           // a hostile m= line may repeat a number thousands of times
        foreach (string format in Formats)
        {
            if (!TryPayloadType(format, out int type) || (seen >> type & UInt128.One) != 0)
                continue;
            seen |= UInt128.One << type;
            AudioCodec? codec = null;
            string? parameters = null;
            foreach (SdpAttribute attribute in Attributes)
            {
                if (attribute.Value is not { } value || attribute.Name is not ("rtpmap" or "fmtp"))
                    continue;
                ReadOnlySpan<char> text = value.AsSpan().Trim();
                int space = text.IndexOfAny(' ', '\t');
                if (space < 0 || !TryPayloadType(text[..space], out int mapped) || mapped != type)
                    continue;
                ReadOnlySpan<char> rest = text[space..].Trim();
                if (attribute.Name == "rtpmap")
                    codec ??= AudioCodec.Parse(rest);
                else if (rest.Length > 0)
                    parameters ??= rest.ToString();
            }
            codec ??= AudioCodec.FromStatic(type) ?? fallback.FirstOrDefault(f => f.PayloadType == type)?.Codec;
            if (codec is not null)
                formats.Add(new PayloadFormat(type, codec, parameters));
        }
        return formats;
    }

    /// <summary>The usable <c>a=crypto</c> lines in order; lines that cannot be read are left out.</summary>
    /// <returns>The lines, empty if there are none.</returns>
    public IReadOnlyList<CryptoAttribute> CryptoAttributes()
    {
        List<CryptoAttribute>? found = null;
        foreach (SdpAttribute attribute in Attributes)
        {
            if (attribute is { Name: "crypto", Value: { } value } && CryptoAttribute.TryParse(value, out CryptoAttribute? crypto))
                (found ??= []).Add(crypto);
        }
        return found ?? (IReadOnlyList<CryptoAttribute>)[];
    }

    /// <summary>The RTCP port and, if given, address of <c>a=rtcp</c> (RFC 3605).</summary>
    /// <returns>The port of <c>a=rtcp</c>, else the next after <see cref="Port"/>; the address only if the attribute has one.</returns>
    public (int Port, SdpConnection? Address) RtcpEndpoint()
    {
        int next = Port is > 0 and < 65535 ? Port + 1 : 0;
        if (Attribute("rtcp") is not { } rtcp)
            return (next, null);
        string[] parts = rtcp.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || !int.TryParse(parts[0], NumberStyles.None, null, out int port) || port is < 1 or > 65535)
            return (next, null);
        return (port, parts.Length == 2 ? SdpConnection.Parse(parts[1]) : null);
    }

    private int? Milliseconds(string name)
    {
        // Some send "20.0" or "20 ": the whole part is enough. CVE-2026-41416: an unclamped ptime is an overflow elsewhere.
        string? value = Attribute(name);
        return value is not null && double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double number)
            && number >= 1
            ? (int)Math.Clamp(number, 5, 200)
            : null;
    }

    private static bool TryPayloadType(ReadOnlySpan<char> text, out int type) => int.TryParse(text, NumberStyles.None, null, out type) && type is >= 0 and <= 127;
}
