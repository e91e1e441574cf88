using System.Text;

namespace CloudPbx.Sdp;

/// <summary>The writer behind <see cref="SessionDescription.Write"/>: the line order of RFC 8866 §9.</summary>
internal static class SdpWriter
{
    private const string BeforeConnection = "iuep";
    private const string AfterTiming = "trz";

    private const int LongestKept = 16 * 1024;

    [ThreadStatic] private static StringBuilder? s_text;    // each offer and answer is written several times

    public static string Write(SessionDescription description)
    {
        StringBuilder text = s_text ??= new StringBuilder(1024);
        text.Clear();
        Line(text, 'v', "0");
        (description.Origin ?? new SdpOrigin("-", "0", "0", description.Connection?.Host ?? "0.0.0.0")).Write(text.Append("o="));
        text.Append("\r\n");
        Line(text, 's', description.SessionName);
        Others(text, description.OtherLines, BeforeConnection);
        if (description.Connection is { } connection)
            Connection(text, connection);
        Others(text, description.OtherLines, "b");
        Line(text, 't', description.Timing);
        Others(text, description.OtherLines, AfterTiming);
        Others(text, description.OtherLines, "k");
        Attributes(text, description.Attributes);
        foreach (MediaDescription media in description.Media)
            Media(text, media);
        string written = text.ToString();
        if (text.Capacity > LongestKept)
            s_text = null;
        return written;
    }

    private static void Media(StringBuilder text, MediaDescription media)
    {
        text.Append("m=").Append(media.Kind).Append(' ').Append(media.Port);
        if (media.PortCount != 1)
            text.Append('/').Append(media.PortCount);
        text.Append(' ').Append(media.Protocol);
        for (int i = 0; i < media.Formats.Count; i++)
            text.Append(' ').Append(media.Formats[i]);
        text.Append("\r\n");
        Others(text, media.OtherLines, "i");
        if (media.Connection is { } connection)
            Connection(text, connection);
        Others(text, media.OtherLines, "bk");
        Attributes(text, media.Attributes);
    }

    private static void Attributes(StringBuilder text, IReadOnlyList<SdpAttribute> attributes)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            text.Append("a=").Append(attributes[i].Name);
            if (attributes[i].Value is { } value)
                text.Append(':').Append(value);
            text.Append("\r\n");
        }
    }

    private static void Connection(StringBuilder text, SdpConnection connection) => text.Append("c=").Append(connection.Network).Append(connection.Host).Append("\r\n");

    private static void Others(StringBuilder text, IReadOnlyList<SdpLine> lines, string types)
    {
        foreach (char type in types)
        {
            for (int i = 0; i < lines.Count; i++)
            {
                if (lines[i].Type == type)
                    Line(text, type, lines[i].Value);
            }
        }
    }

    private static void Line(StringBuilder text, char type, string value) => text.Append(type).Append('=').Append(value).Append("\r\n");
}
