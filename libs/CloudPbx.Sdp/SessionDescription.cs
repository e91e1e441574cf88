namespace CloudPbx.Sdp;

/// <summary>A session description (RFC 8866). Immutable. Reading is total: no input throws, odd lines are counted, not fatal.</summary>
public sealed class SessionDescription
{
    /// <summary>Longest description that is read, in characters.</summary>
    public const int MaxLength = 65_536;

    /// <summary>Most lines that are read.</summary>
    public const int MaxLines = 2_000;

    /// <summary>Most <c>m=</c> sections that are read.</summary>
    public const int MaxMedia = 32;

    /// <summary>The <c>o=</c> line, or <see langword="null"/> if it was missing or unreadable.</summary>
    public SdpOrigin? Origin { get; init; }

    /// <summary>The <c>s=</c> line.</summary>
    public string SessionName { get; init; } = "-";

    /// <summary>The session's address, for sections that have none.</summary>
    public SdpConnection? Connection { get; init; }

    /// <summary>The first <c>t=</c> line.</summary>
    public string Timing { get; init; } = "0 0";

    /// <summary>Other lines of the session (<c>i u e p b r z k</c>, more <c>t</c>), in order, not interpreted.</summary>
    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [];

    /// <summary>The session's attributes in order.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>The media sections in order; an answer has as many as its offer (RFC 3264 §6).</summary>
    public IReadOnlyList<MediaDescription> Media { get; init; } = [];

    /// <summary>How many lines could not be read and were skipped (INTEROP I43).</summary>
    public int JunkLines { get; init; }

    /// <summary>Reads a description.</summary>
    /// <param name="octets">The message body, UTF-8; CRLF, LF or CR end a line, the last one may lack its end.</param>
    /// <param name="description">The description; <see langword="null"/> unless the result is <see cref="SdpParseError.None"/>.</param>
    /// <returns>Why it was refused, or <see cref="SdpParseError.None"/>. Never throws.</returns>
    public static SdpParseError TryParse(ReadOnlySpan<byte> octets, out SessionDescription? description)
    {
        description = null;
        return octets.Length > MaxLength ? SdpParseError.TooLarge : TryParse(System.Text.Encoding.UTF8.GetString(octets), out description);
    }

    /// <summary>Reads a description.</summary>
    /// <param name="text">The text; CRLF, LF or CR end a line, the last one may lack its end.</param>
    /// <param name="description">The description; <see langword="null"/> unless the result is <see cref="SdpParseError.None"/>.</param>
    /// <returns>Why it was refused, or <see cref="SdpParseError.None"/>. Never throws.</returns>
    public static SdpParseError TryParse(ReadOnlySpan<char> text, out SessionDescription? description) => SdpParser.Parse(text, out description);

    /// <summary>The address at which a section wants its media: its own, else the session's.</summary>
    /// <param name="media">A section of this description.</param>
    /// <returns>The address, or <see langword="null"/> if the description has none for it.</returns>
    public SdpConnection? ConnectionOf(MediaDescription media) => media.Connection ?? Connection;

    /// <summary>The direction of a section: its own, else the session's, else both ways.</summary>
    /// <param name="media">A section of this description.</param>
    /// <returns>The direction as the writer of this description sees it.</returns>
    public MediaDirection DirectionOf(MediaDescription media)
    {
        if (media.Direction is { } own)
            return own;
        foreach (SdpAttribute attribute in Attributes)
        {
            if (attribute.Value is null && MediaDirections.TryParse(attribute.Name, out MediaDirection direction))
                return direction;
        }
        return MediaDirection.SendRecv;
    }

    /// <summary>Writes the description with CRLF line ends, in the order of RFC 8866 §9.</summary>
    /// <returns>The text.</returns>
    public string Write() => SdpWriter.Write(this);

    /// <inheritdoc/>
    public override string ToString() => Write();
}
