using System.Buffers.Text;

namespace CloudPbx.Load.Sip;

/// <summary>Reads messages by their octets, as far as a load needs. Deliberately not the product's own parser: a fault of that one must not hide on both sides.</summary>
internal static class SipText
{
    /// <summary>The status code, 0 for a request or something else.</summary>
    public static int StatusOf(ReadOnlySpan<byte> message) =>
        message.StartsWith("SIP/2.0 "u8) && Utf8Parser.TryParse(message[8..], out int status, out _) ? status : 0;

    /// <summary>Whether a request has this method.</summary>
    public static bool IsMethod(ReadOnlySpan<byte> message, ReadOnlySpan<byte> method) =>
        message.Length > method.Length && message[method.Length] == (byte)' ' && message.StartsWith(method);

    /// <summary>The next line, without its CRLF, from <paramref name="rest"/> on.</summary>
    /// <returns>False at the end of the header section.</returns>
    public static bool TryReadLine(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        int end = rest.IndexOf("\r\n"u8);
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 2)..];
        return !line.IsEmpty;
    }

    /// <summary>Whether a line is this header field; no compact forms, since neither side writes them.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length <= name.Length || line[name.Length] != (byte)':' || !System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name))
            return false;
        value = line[(name.Length + 1)..].Trim((byte)' ');
        return true;
    }

    /// <summary>The first header field of this name.</summary>
    public static bool TryFind(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = message;
        if (TryReadLine(ref rest, out _))
        {
            while (TryReadLine(ref rest, out ReadOnlySpan<byte> line))
            {
                if (IsHeader(line, name, out value))
                    return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>A parameter of a challenge, without its quotes.</summary>
    public static bool TryFindParameter(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text)
    {
        for (int from = 0; from < value.Length;)
        {
            int at = value[from..].IndexOf(name);
            if (at < 0)
                break;
            at += from;
            from = at + name.Length;
            bool begins = at > 0 && value[at - 1] is (byte)' ' or (byte)',' or (byte)';';
            if (!begins || from >= value.Length || value[from] != (byte)'=')
                continue;
            text = value[(from + 1)..];
            bool quoted = text.Length > 0 && text[0] == (byte)'"';
            text = quoted ? text[1..] : text;
            int end = quoted ? text.IndexOf((byte)'"') : text.IndexOfAny(", ;>\r"u8);
            text = end < 0 ? text : text[..end];
            return true;
        }
        text = default;
        return false;
    }

    /// <summary>The address between angle brackets, or the whole value.</summary>
    public static ReadOnlySpan<byte> AddressIn(ReadOnlySpan<byte> value)
    {
        int open = value.IndexOf((byte)'<');
        int close = open < 0 ? -1 : value[open..].IndexOf((byte)'>');
        return close < 0 ? value : value.Slice(open + 1, close - 1);
    }

    /// <summary>How long the first message of a stream is: header section and Content-Length octets.</summary>
    /// <returns>0 where it is not whole yet.</returns>
    public static int WholeLength(ReadOnlySpan<byte> stream)
    {
        int end = stream.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        int body = TryFind(stream[..(end + 2)], "Content-Length"u8, out ReadOnlySpan<byte> value) && Utf8Parser.TryParse(value, out int length, out _) ? length : 0;
        return stream.Length >= end + 4 + body ? end + 4 + body : 0;
    }
}
