using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>
/// What a party says of a stream that is passed on and never understood here: all but addresses and keys. The other party hears it in the same words, payload types
/// included, so that the two agree with each other as if nobody stood between.
/// </summary>
public sealed record PassedWords
{
    private const int MaxFormats = 24, MaxAttributes = 128;          // a hostile section may have thousands

    // Every line of these begins with a payload type, or with * for all (RFC 8866 §6.6, §6.15, RFC 4585 §4.2, RFC 6236 §3.1).
    private static readonly string[] s_ofFormats = ["rtpmap", "fmtp", "rtcp-fb", "imageattr", "framesize"];
    private static readonly string[] s_ofStream = ["framerate", "content", "quality"];

    /// <summary>What the stream carries.</summary>
    public required PassedKind Kind { get; init; }

    /// <summary>Whether it is spoken of with early feedback (RFC 4585: AVPF).</summary>
    public bool Feedback { get; init; }

    /// <summary>The formats of the <c>m=</c> line.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>The attributes that describe them.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>The <c>b=</c> lines.</summary>
    public IReadOnlyList<SdpLine> Bandwidth { get; init; } = [];

    /// <summary>What a section would carry.</summary>
    /// <param name="media">Any section.</param>
    /// <returns><see langword="null"/> for audio, and for what is not passed on.</returns>
    public static PassedKind? KindOf(MediaDescription media)
    {
        ArgumentNullException.ThrowIfNull(media);
        if (media.Kind.Equals("video", StringComparison.OrdinalIgnoreCase))
            return media.IsRtp ? PassedKind.Video : null;
        return media.Kind.Equals("image", StringComparison.OrdinalIgnoreCase) && media.Protocol.Equals("udptl", StringComparison.OrdinalIgnoreCase) ? PassedKind.Fax : null;
    }

    /// <summary>Reads a section.</summary>
    /// <param name="media">Any section.</param>
    /// <returns><see langword="null"/> where it is none that can be passed on.</returns>
    public static PassedWords? Of(MediaDescription media)
    {
        if (KindOf(media) is not { } kind)
            return null;
        string[] formats = [.. media.Formats.Where(f => kind == PassedKind.Fax ? f.Equals("t38", StringComparison.OrdinalIgnoreCase) : IsPayloadType(f)).Distinct().Take(MaxFormats)];
        // Header extensions are not passed on, and without theirs a browser has no use for feedback on them.
        bool IsUseful(SdpAttribute attribute) => attribute.Name != "rtcp-fb" || attribute.Value?.EndsWith(" transport-cc", StringComparison.Ordinal) != true;
        return formats.Length == 0 ? null : new PassedWords
        {
            Kind = kind,
            Feedback = kind == PassedKind.Video && media.Protocol.EndsWith('F'),
            Formats = formats,
            Attributes = [.. media.Attributes.Where(a => kind == PassedKind.Fax ? a.Name.StartsWith("T38", StringComparison.OrdinalIgnoreCase) : IsOf(a, formats) && IsUseful(a)).Take(MaxAttributes)],
            Bandwidth = [.. media.OtherLines.Where(l => l.Type == 'b').Take(4)],
        };
    }

    /// <summary>What both parties mean by the same numbers.</summary>
    /// <param name="other">The other party's words.</param>
    /// <returns>These words without the formats that the other party lacks; <see langword="null"/> where none is left.</returns>
    public PassedWords? SharedWith(PassedWords other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Kind != Kind)
            return null;
        if (Kind == PassedKind.Fax)
            return this;
        string[] shared = [.. Formats.Where(f => other.Formats.Contains(f) && string.Equals(Encoding(f), other.Encoding(f), StringComparison.OrdinalIgnoreCase))];
        return shared.Length == 0 ? null : this with { Formats = shared, Attributes = [.. Attributes.Where(a => IsOf(a, shared))] };
    }

    /// <summary>The same without some formats: on a transport that is shared, a number means one thing (RFC 9143 §9.1).</summary>
    /// <param name="taken">Payload types that mean something else there.</param>
    /// <returns><see langword="null"/> where none is left.</returns>
    public PassedWords? Without(IReadOnlyCollection<string> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        if (!Formats.Any(taken.Contains))
            return this;
        string[] left = [.. Formats.Where(f => !taken.Contains(f))];
        return left.Length == 0 ? null : this with { Formats = left, Attributes = [.. Attributes.Where(a => IsOf(a, left))] };
    }

    /// <summary>Whether two descriptions say the same.</summary>
    /// <param name="other">Another one.</param>
    public bool SaysSame(PassedWords other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Kind == Kind && other.Formats.SequenceEqual(Formats) && other.Attributes.SequenceEqual(Attributes);
    }

    // A format without rtpmap has its static meaning (RFC 3551 table 5): the number says it all.
    private string? Encoding(string format) =>
        Attributes.Where(a => a.Name == "rtpmap" && a.Value is { } value && FormatOf(value) == format).Select(a => a.Value![format.Length..].Trim()).FirstOrDefault();

    private static bool IsOf(SdpAttribute attribute, string[] formats) => s_ofFormats.Contains(attribute.Name)
        ? attribute.Value is { } value && FormatOf(value) is { } format && (format == "*" || formats.Contains(format))
        : s_ofStream.Contains(attribute.Name);

    private static string FormatOf(string value)
    {
        int end = value.AsSpan().IndexOfAny(' ', '\t');
        return end < 0 ? value : value[..end];
    }

    private static bool IsPayloadType(string format) => int.TryParse(format, NumberStyles.None, null, out int type) && type is >= 0 and <= 127;
}
