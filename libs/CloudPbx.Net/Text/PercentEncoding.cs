using System.Buffers;
using System.Globalization;
using System.Text;

namespace CloudPbx.Net.Text;

/// <summary>The <c>%HH</c> escapes of URIs (RFC 3986 §2.1, RFC 3261 §19.1.2). Decoding happens once, never again on its own result.</summary>
public static class PercentEncoding
{
    /// <summary>Whether every <c>%</c> is followed by two hexadecimal digits.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> octets)
    {
        while (octets.IndexOf((byte)'%') is int at and >= 0)
        {
            if (at + 2 >= octets.Length || !char.IsAsciiHexDigit((char)octets[at + 1]) || !char.IsAsciiHexDigit((char)octets[at + 2]))
                return false;
            octets = octets[(at + 3)..];
        }
        return true;
    }

    /// <summary>The text with each escape replaced by the octet it stands for, read as UTF-8. What is no escape or no UTF-8 does not throw.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        byte[] octets = Encoding.UTF8.GetBytes(text);
        int length = 0;
        for (int i = 0; i < octets.Length; i++)
            octets[length++] = TryReadEscape(octets.AsSpan(i), out byte octet) ? Skip(ref i, octet) : octets[i];
        return Encoding.UTF8.GetString(octets, 0, length);

        static byte Skip(ref int i, byte octet)
        {
            i += 2;
            return octet;
        }
    }

    /// <summary>The text in UTF-8 with every octet outside the allowed set escaped.</summary>
    public static string Encode(string text, SearchValues<byte> allowed)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        if (!octets.AsSpan().ContainsAnyExcept(allowed))
            return text;
        StringBuilder encoded = new(octets.Length + 16);
        foreach (byte octet in octets)
            if (allowed.Contains(octet))
                encoded.Append((char)octet);
            else
                encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        return encoded.ToString();
    }

    /// <summary>
    /// The text in one form of all that mean the same: escapes of octets outside <paramref name="kept"/> are decoded, the other escapes
    /// get upper-case digits. Escapes of <c>%</c>, controls and octets above 126 are always kept.
    /// </summary>
    public static string Normalize(string text, SearchValues<byte> kept)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        StringBuilder normal = new(text.Length);
        byte[] octets = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < octets.Length; i++)
        {
            if (!TryReadEscape(octets.AsSpan(i), out byte octet))
            {
                normal.Append((char)octets[i]);
                continue;
            }
            i += 2;
            if (octet is < 0x20 or > 0x7E or (byte)'%' || kept.Contains(octet))
                normal.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            else
                normal.Append((char)octet);
        }
        return normal.ToString();
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> octets, out byte octet)
    {
        octet = 0;
        if (octets.Length < 3 || octets[0] != (byte)'%' || !char.IsAsciiHexDigit((char)octets[1]) || !char.IsAsciiHexDigit((char)octets[2]))
            return false;
        octet = (byte)(Nibble(octets[1]) << 4 | Nibble(octets[2]));
        return true;
    }

    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
