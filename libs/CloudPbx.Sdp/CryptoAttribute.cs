using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>
/// One <c>a=crypto</c> line (RFC 4568 §9.1): tag, suite and one inline key. Several keys, and session parameters that would change how
/// packets are protected, are not taken: such a line is not parsed, the next one is used.
/// </summary>
public sealed class CryptoAttribute
{
    /// <summary>The suite that every SDES phone has: 128-bit AES counter mode, 80-bit tag.</summary>
    public const string AesCm128HmacSha1Tag80 = "AES_CM_128_HMAC_SHA1_80";

    /// <summary>The same with a 32-bit tag on RTP.</summary>
    public const string AesCm128HmacSha1Tag32 = "AES_CM_128_HMAC_SHA1_32";

    /// <summary>Octets of key and salt together for the AES_CM_128 suites (RFC 4568 §6.2).</summary>
    public const int KeySaltLength = 30;

    private const int MaxKeySaltLength = 64;

    /// <summary>The line's tag, 1 to 9 digits; an answer repeats the chosen offer's.</summary>
    public required int Tag { get; init; }

    /// <summary>The suite's name as written, for example <see cref="AesCm128HmacSha1Tag80"/>.</summary>
    public required string Suite { get; init; }

    /// <summary>Master key followed by master salt.</summary>
    public required ReadOnlyMemory<byte> KeySalt { get; init; }

    /// <summary>The lifetime as written (<c>2^31</c> or a number of packets), or <see langword="null"/>.</summary>
    public string? Lifetime { get; init; }

    /// <summary>True if the key must be named in every packet by a master key identifier. We refuse that: see <see cref="IsUsable"/>.</summary>
    public bool HasMki { get; init; }

    /// <summary>True if this lib's SRTP can serve the line: a known suite, a key of its length, no MKI.</summary>
    public bool IsUsable => !HasMki && KeySalt.Length == KeySaltLength && Suite is AesCm128HmacSha1Tag80 or AesCm128HmacSha1Tag32;

    /// <summary>Makes a line with a fresh random key.</summary>
    /// <param name="tag">The tag, 1 or more.</param>
    /// <param name="suite">One of the two AES_CM_128 suites.</param>
    /// <param name="fillRandom">Fills a span with secret random octets: <c>RandomNumberGenerator.Fill</c> in production.</param>
    /// <returns>The line.</returns>
    public static CryptoAttribute Generate(int tag, string suite, FillRandom fillRandom)
    {
        ArgumentNullException.ThrowIfNull(fillRandom);
        byte[] key = new byte[KeySaltLength];
        fillRandom(key);
        return new CryptoAttribute { Tag = tag, Suite = suite, KeySalt = key };
    }

    /// <summary>Reads what follows <c>a=crypto:</c>.</summary>
    /// <param name="value">For example <c>1 AES_CM_128_HMAC_SHA1_80 inline:…|2^20</c>.</param>
    /// <param name="crypto">The line, or <see langword="null"/> if it cannot be read or asks for what we never do.</param>
    /// <returns>Whether it was read. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> value, [NotNullWhen(true)] out CryptoAttribute? crypto)
    {
        crypto = null;
        value = value.Trim();
        if (!Token(ref value, out ReadOnlySpan<char> tagText) || tagText.Length > 9
            || !int.TryParse(tagText, NumberStyles.None, null, out int tag)
            || !Token(ref value, out ReadOnlySpan<char> suite)
            || !Token(ref value, out ReadOnlySpan<char> key)
            || !key.StartsWith("inline:", StringComparison.OrdinalIgnoreCase) || key.Contains(';'))
            return false;
        while (Token(ref value, out ReadOnlySpan<char> parameter))
        {
            // §6.3: KDR and FEC order do not hinder us; clear text or unsigned modes would, and unknown ones are mandatory unless prefixed by "-".
            if (parameter[0] != '-' && !parameter.StartsWith("WSH=", StringComparison.OrdinalIgnoreCase))
                return false;
        }
        key = key["inline:".Length..];
        int bar = key.IndexOf('|');
        ReadOnlySpan<char> encoded = bar < 0 ? key : key[..bar];
        Span<byte> octets = stackalloc byte[MaxKeySaltLength];
        // Some leave out the padding of their base64 text.
        Span<char> padded = stackalloc char[MaxKeySaltLength * 2];
        int length = (encoded.Length + 3) / 4 * 4;
        if (length == 0 || length > padded.Length || length - encoded.Length == 3)
            return false;
        encoded.CopyTo(padded);
        padded[encoded.Length..length].Fill('=');
        if (!Convert.TryFromBase64Chars(padded[..length], octets, out int written) || written == 0)
            return false;

        string? lifetime = null;
        bool mki = false;
        if (bar >= 0)
        {
            foreach (Range range in key[(bar + 1)..].Split('|'))
            {
                ReadOnlySpan<char> part = key[(bar + 1)..][range];
                if (part.Contains(':'))
                    mki = true;
                else if (part.Length > 0 && lifetime is null)
                    lifetime = part.ToString();
                else
                    return false;
            }
        }
        crypto = new CryptoAttribute { Tag = tag, Suite = suite.ToString(), KeySalt = octets[..written].ToArray(), Lifetime = lifetime, HasMki = mki };
        return true;
    }

    /// <summary>The text behind <c>a=crypto:</c>. It contains the key: never log it.</summary>
    /// <returns>The text.</returns>
    public string ToAttributeValue() =>
        $"{Tag} {Suite} inline:{Convert.ToBase64String(KeySalt.Span)}{(Lifetime is null ? "" : "|" + Lifetime)}";

    /// <summary>Tag and suite only, so that a log cannot leak the key.</summary>
    public override string ToString() => $"{Tag} {Suite}";

    private static bool Token(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> token)
    {
        rest = rest.TrimStart();
        int end = rest.IndexOfAny(' ', '\t');
        token = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return !token.IsEmpty;
    }
}

/// <summary>Fills a span with random octets.</summary>
/// <param name="destination">The span to fill.</param>
public delegate void FillRandom(Span<byte> destination);
