using System.Text;

namespace CloudPbx.Sdp;

/// <summary>The writer behind <see cref="SessionDescription.Write"/>: the line order of RFC 8866 §9.</summary>
internal static class SdpWriter
{
    private const string BeforeConnection = "iuep";
    private const string AfterTiming = "trz";

    public static string Write(SessionDescription description)
    {
        var text = new StringBuilder(512);
        Line(text, 'v', "0");
        Line(text, 'o', (description.Origin ?? new SdpOrigin("-", "0", "0", description.Connection?.Host ?? "0.0.0.0")).ToString());
        Line(text, 's', description.SessionName);
        Others(text, description.OtherLines, BeforeConnection);
        if (description.Connection is { } connection)
            Line(text, 'c', connection.ToString());
        Others(text, description.OtherLines, "b");
        Line(text, 't', description.Timing);
        Others(text, description.OtherLines, AfterTiming);
        Others(text, description.OtherLines, "k");
        Attributes(text, description.Attributes);
        foreach (MediaDescription media in description.Media)
            Media(text, media);
        return text.ToString();
    }

    private static void Media(StringBuilder text, MediaDescription media)
    {
        text.Append("m=").Append(media.Kind).Append(' ').Append(media.Port);
        if (media.PortCount != 1)
            text.Append('/').Append(media.PortCount);
        text.Append(' ').Append(media.Protocol);
        foreach (string format in media.Formats)
            text.Append(' ').Append(format);
        text.Append("\r\n");
        Others(text, media.OtherLines, "i");
        if (media.Connection is { } connection)
            Line(text, 'c', connection.ToString());
        Others(text, media.OtherLines, "bk");
        Attributes(text, media.Attributes);
    }

    private static void Attributes(StringBuilder text, IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (SdpAttribute attribute in attributes)
            Line(text, 'a', attribute.ToString());
    }

    private static void Others(StringBuilder text, IReadOnlyList<SdpLine> lines, string types)
    {
        foreach (char type in types)
        {
            foreach (SdpLine line in lines)
            {
                if (line.Type == type)
                    Line(text, type, line.Value);
            }
        }
    }

    private static void Line(StringBuilder text, char type, string value) => text.Append(type).Append('=').Append(value).Append("\r\n");
}
