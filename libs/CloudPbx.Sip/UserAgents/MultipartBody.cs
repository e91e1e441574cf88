using System.Buffers;
using System.Text;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Bodies in several parts (RFC 2046 §5.1).</summary>
internal static class MultipartBody
{
    private const int LongestBoundary = 70;              // RFC 2046 §5.1.1
    private const int MostParts = 16;

    /// <summary>The parts of a body, in their order.</summary>
    /// <param name="contentType">The message's Content-Type.</param>
    /// <param name="body">The message's body.</param>
    /// <returns>The first 16 that are whole; none where the body is not one in parts. Never throws.</returns>
    public static IEnumerable<MessageBody> Parts(string contentType, ReadOnlyMemory<byte> body)
    {
        if (!contentType.AsSpan().TrimStart().StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) || BoundaryOf(contentType) is not { } boundary)
            yield break;
        byte[] delimiter = Encoding.Latin1.GetBytes("--" + boundary);
        int start = Next(body.Span, delimiter, 0);
        for (int part = 0; part < MostParts && start >= 0; part++)
        {
            int content = start + delimiter.Length;
            int end = Next(body.Span, delimiter, content);
            if (end < 0)
                yield break;                             // the last one is not closed: it may be cut off
            if (Read(body[content..end]) is { } read)
                yield return read;
            start = end;
        }
    }

    /// <summary>Parts as one body of type <c>multipart/mixed</c>, each with its Content-ID where it has one.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="boundary">What occurs in none of them, of letters and digits.</param>
    public static MessageBody Join(IEnumerable<MessageBody> parts, string boundary)
    {
        var joined = new ArrayBufferWriter<byte>();
        foreach (MessageBody part in parts)
        {
            string identity = part.ContentId is { } id ? $"Content-ID: <{id}>\r\n" : "";
            Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Type: {part.ContentType}\r\n{identity}\r\n", joined);
            joined.Write(part.Octets.Span);
            joined.Write("\r\n"u8);
        }
        Encoding.UTF8.GetBytes($"--{boundary}--\r\n", joined);
        return new MessageBody($"multipart/mixed;boundary={boundary}", joined.WrittenMemory);
    }

    private static string? BoundaryOf(string contentType)
    {
        int at = contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        ReadOnlySpan<char> value = contentType.AsSpan(at + "boundary=".Length).Trim();
        int end = value.Length > 0 && value[0] == '"' ? value[1..].IndexOf('"') : value.IndexOfAny(';', ' ');
        ReadOnlySpan<char> boundary = value.Length > 0 && value[0] == '"' ? (end < 0 ? [] : value.Slice(1, end)) : end < 0 ? value : value[..end];
        return boundary.Length is 0 or > LongestBoundary ? null : boundary.ToString();
    }

    // A delimiter stands at the beginning of a line.
    private static int Next(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int from)
    {
        while (from <= body.Length - delimiter.Length)
        {
            int found = body[from..].IndexOf(delimiter);
            if (found < 0)
                return -1;
            int at = from + found;
            if (at == 0 || body[at - 1] == (byte)'\n')
                return at;
            from = at + 1;
        }
        return -1;
    }

    /// <summary>A part between two delimiters: the rest of the delimiter's line, its fields, an empty line, its octets, and the line end that belongs to the next delimiter.</summary>
    private static MessageBody? Read(ReadOnlyMemory<byte> part)
    {
        ReadOnlySpan<byte> octets = part.Span;
        int line = octets.IndexOf((byte)'\n');
        if (line < 0)
            return null;
        octets = octets[(line + 1)..];
        int start = line + 1;
        string type = "text/plain";                      // RFC 2046 §5.1
        string? id = null;
        while (true)
        {
            line = octets.IndexOf((byte)'\n');
            if (line < 0)
                return null;
            string field = Encoding.Latin1.GetString(octets[..line]).Trim();
            octets = octets[(line + 1)..];
            start += line + 1;
            if (field.Length == 0)
                break;
            int colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                continue;
            ReadOnlySpan<char> name = field.AsSpan(0, colon).Trim();
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) || name.Equals("c", StringComparison.OrdinalIgnoreCase))
                type = field[(colon + 1)..].Trim();
            else if (name.Equals("Content-ID", StringComparison.OrdinalIgnoreCase) && field.AsSpan(colon + 1).Trim() is ['<', .., '>'] quoted)
                id = quoted[1..^1].ToString();           // RFC 2392 §2
        }
        int length = part.Length - start;
        if (length > 0 && part.Span[start + length - 1] == (byte)'\n')
            length--;
        if (length > 0 && part.Span[start + length - 1] == (byte)'\r')
            length--;
        return new MessageBody(type, part.Slice(start, length)) { ContentId = id };
    }
}
