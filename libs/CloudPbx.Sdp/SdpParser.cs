using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>The reader behind <see cref="SessionDescription.TryParse(ReadOnlySpan{char}, out SessionDescription?)"/>: one pass, a line at a time.</summary>
internal static class SdpParser
{
    // What is taken off the ends of values and parts their fields: the same everywhere, or what is left would be another when it is read again.
    private static readonly char[] s_blanks = [' ', '\t', '\0'];

    // Names that nearly every description has: a call keeps several descriptions, and they need not each have their own.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_names = new HashSet<string>(
    [
        "rtpmap", "fmtp", "ptime", "maxptime", "sendrecv", "sendonly", "recvonly", "inactive", "rtcp", "rtcp-mux", "crypto", "fingerprint", "setup", "mid", "group",
        "ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "candidate", "end-of-candidates", "extmap", "msid", "ssrc", "rtcp-fb",
    ], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public static SdpParseError Parse(ReadOnlySpan<char> text, out SessionDescription? description)
    {
        description = null;
        if (text.Length > SessionDescription.MaxLength)
            return SdpParseError.TooLarge;

        SdpOrigin? origin = null;
        string? name = null, timing = null;
        SdpConnection? connection = null;
        var other = new List<SdpLine>();
        var attributes = new List<SdpAttribute>();
        var media = new List<MediaDescription>();
        MediaSection? section = null;
        int junk = 0, lines = 0;
        bool version = false;

        foreach (Range range in text.SplitAny('\r', '\n'))
        {
            ReadOnlySpan<char> line = text[range].TrimEnd('\0');
            if (line.IsEmpty)
                continue;
            if (++lines > SessionDescription.MaxLines)
                return SdpParseError.TooLarge;
            if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]))
            {
                junk++;                                                 // I43: a gateway left half a line behind
                continue;
            }
            char type = line[0];
            ReadOnlySpan<char> field = line[2..].Trim(s_blanks);
            if (!version)
            {
                if (type != 'v' || field is not "0")
                    return SdpParseError.Version;
                version = true;
                continue;
            }
            if (type == 'a')
            {
                if (Attribute(field) is { } attribute)
                    (section?.Attributes ?? attributes).Add(attribute);
                else
                    junk++;
                continue;
            }
            string value = field switch { "-" => "-", "0 0" => "0 0", _ => field.ToString() };
            switch (type)
            {
                case 'm':
                    section?.AddTo(media);
                    if (media.Count == SessionDescription.MaxMedia)
                        return SdpParseError.TooLarge;
                    section = MediaSection.Parse(value);
                    if (section is null)
                        return SdpParseError.MediaLine;
                    break;
                case 'c' when SdpConnection.Parse(value) is { } parsed:
                    if (section is null)
                        connection ??= parsed;
                    else
                        section.Connection ??= parsed;
                    break;
                case 'o' when section is null && origin is null:
                    origin = SdpOrigin.Parse(value);
                    junk += origin is null ? 1 : 0;
                    break;
                case 's' when section is null && name is null:
                    name = value;
                    break;
                case 't' when section is null && timing is null && value.Length > 0:
                    timing = value;
                    break;
                case 't' or 'r' or 'u' or 'e' or 'p' or 'z' when section is null && value.Length > 0:
                case 'i' or 'b' or 'k' when value.Length > 0:
                    (section?.Other ?? other).Add(new SdpLine(type, value));
                    break;
                default:
                    junk++;
                    break;
            }
        }
        if (!version)
            return lines == 0 ? SdpParseError.Empty : SdpParseError.Version;
        section?.AddTo(media);
        description = new SessionDescription
        {
            Origin = origin,
            SessionName = string.IsNullOrEmpty(name) ? "-" : name,
            Connection = connection,
            Timing = timing ?? "0 0",
            OtherLines = other,
            Attributes = attributes,
            Media = media,
            JunkLines = junk,
        };
        return SdpParseError.None;
    }

    /// <summary>The fields of a line: a space parts them, and what else is taken off a line's end parts them, too. So no field can end in it, and be another when it is read again.</summary>
    internal static string[] Fields(string value) => value.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);

    private static SdpAttribute? Attribute(ReadOnlySpan<char> field)
    {
        int colon = field.IndexOf(':');
        ReadOnlySpan<char> name = (colon < 0 ? field : field[..colon]).Trim(s_blanks);
        if (name.IsEmpty)
            return null;
        return new SdpAttribute(s_names.TryGetValue(name, out string? known) ? known : name.ToString(), colon < 0 ? null : field[(colon + 1)..].Trim(s_blanks).ToString());
    }

    /// <summary>A section while its lines come in.</summary>
    private sealed class MediaSection
    {
        public List<SdpAttribute> Attributes { get; } = [];
        public List<SdpLine> Other { get; } = [];
        public SdpConnection? Connection { get; set; }
        private string _kind = "", _protocol = "";
        private int _port, _count = 1;
        private string[] _formats = [];

        public static MediaSection? Parse(string value)
        {
            string[] parts = Fields(value);
            if (parts.Length < 3)
                return null;
            string[] ports = parts[1].Split('/', 2);
            if (!int.TryParse(ports[0], NumberStyles.None, null, out int port) || port > 65535)
                return null;
            int count = 1;
            if (ports.Length == 2 && (!int.TryParse(ports[1], NumberStyles.None, null, out count) || count is < 1 or > 65535))
                return null;
            return new MediaSection { _kind = parts[0], _port = port, _count = count, _protocol = parts[2], _formats = parts[3..] };
        }

        public void AddTo(List<MediaDescription> media) => media.Add(new MediaDescription
        {
            Kind = _kind,
            Port = _port,
            PortCount = _count,
            Protocol = _protocol,
            Formats = _formats,
            Connection = Connection,
            OtherLines = Other,
            Attributes = Attributes,
        });
    }
}
