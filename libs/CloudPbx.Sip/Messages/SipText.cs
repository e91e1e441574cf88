using System.Buffers;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>From octets to strings and back: UTF-8, unfolding, quotes.</summary>
internal static class SipText
{
    private static readonly SearchValues<char> s_unwritable = SearchValues.Create("\r\n");

    /// <summary>The octets as a string; line folds become one space each (RFC 3261 §7.3.1), what is no UTF-8 becomes U+FFFD.</summary>
    public static string Unfold(ReadOnlySpan<byte> octets)
    {
        octets = octets.Trim(SipAscii.Lws);
        if (!octets.ContainsAny((byte)'\r', (byte)'\n'))
            return Encoding.UTF8.GetString(octets);
        ArrayBufferWriter<byte> unfolded = new(octets.Length);
        while (octets.IndexOfAny((byte)'\r', (byte)'\n') is int fold and >= 0)
        {
            unfolded.Write(octets[..fold].TrimEnd(SipAscii.Lws));
            unfolded.Write(" "u8);
            octets = octets[fold..].TrimStart(SipAscii.Lws);
        }
        unfolded.Write(octets);
        return Encoding.UTF8.GetString(unfolded.WrittenSpan);
    }

    /// <summary>The octets read as UTF-8; what is none becomes U+FFFD.</summary>
    public static string Utf8(ReadOnlySpan<byte> octets) => Encoding.UTF8.GetString(octets);

    /// <summary>The text in UTF-8.</summary>
    public static byte[] Octets(ReadOnlySpan<char> text)
    {
        byte[] octets = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, octets);
        return octets;
    }

    /// <summary>Whether the text can stand in a header line without ending it.</summary>
    public static bool IsWritable(string text) => !text.AsSpan().ContainsAny(s_unwritable);

    /// <summary>The text between the quotes without its backslashes; text without quotes as it is.</summary>
    public static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"')
            return text;
        text = text[1..^1];
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }

    /// <summary>Appends the text as a quoted string.</summary>
    public static StringBuilder AppendQuoted(this StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                builder.Append('\\');
            builder.Append(c);
        }
        return builder.Append('"');
    }
}
