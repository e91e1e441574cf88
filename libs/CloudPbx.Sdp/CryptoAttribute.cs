using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>
/// One <c>a=crypto</c> line (RFC 4568 §9.1): tag, suite and one inline key. Several keys, and session parameters that would change how
/// packets are protected, are not taken: such a line is not parsed, the next one is used.
/// </summary>
public sealed class CryptoAttribute
{
    /// <summary>The suite that every SDES phone has: 128-bit AES counter mode, 80-bit tag (RFC 4568 §6.2.1).</summary>
    public const string AesCm128HmacSha1Tag80 = "AES_CM_128_HMAC_SHA1_80";

    /// <summary>The same with a 32-bit tag on RTP (RFC 4568 §6.2.2).</summary>
    public const string AesCm128HmacSha1Tag32 = "AES_CM_128_HMAC_SHA1_32";

    /// <summary>256-bit AES counter mode, 80-bit tag (RFC 6188 §4).</summary>
    public const string AesCm256HmacSha1Tag80 = "AES_256_CM_HMAC_SHA1_80";

    /// <summary>The same with a 32-bit tag on RTP.</summary>
    public const string AesCm256HmacSha1Tag32 = "AES_256_CM_HMAC_SHA1_32";

    /// <summary>128-bit AES in Galois counter mode (RFC 7714 §14.1).</summary>
    public const string AeadAes128Gcm = "AEAD_AES_128_GCM";

    /// <summary>256-bit AES in Galois counter mode (RFC 7714 §14.1).</summary>
    public const string AeadAes256Gcm = "AEAD_AES_256_GCM";

    /// <summary>
    /// The suites for offers, the preferred first: those with authenticated encryption, then what every phone has. The 256-bit counter modes
    /// are left out: a phone that has one of them also has one of these, and each line makes an INVITE over UDP longer (INTEROP I42).
    /// </summary>
    public static IReadOnlyList<string> OfferedSuites { get; } = [AeadAes128Gcm, AeadAes256Gcm, AesCm128HmacSha1Tag80, AesCm128HmacSha1Tag32];

    /// <summary>The suites that an answer may choose besides.</summary>
    public static IReadOnlyList<string> OtherSuites { get; } = [AesCm256HmacSha1Tag80, AesCm256HmacSha1Tag32];

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
    public bool IsUsable => !HasMki && KeySaltLengthOf(Suite) is var length and > 0 && KeySalt.Length == length;

    /// <summary>Octets of key and salt together (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1).</summary>
    /// <param name="suite">A suite's name.</param>
    /// <returns>The length, or 0 for a suite that we do not know.</returns>
    public static int KeySaltLengthOf(string suite) => suite switch
    {
        AesCm128HmacSha1Tag80 or AesCm128HmacSha1Tag32 => 16 + 14,
        AesCm256HmacSha1Tag80 or AesCm256HmacSha1Tag32 => 32 + 14,
        AeadAes128Gcm => 16 + 12,
        AeadAes256Gcm => 32 + 12,
        _ => 0,
    };

    /// <summary>Makes a line for each of some suites, with fresh random keys and tags from 1.</summary>
    /// <param name="suites">Suites that we know.</param>
    /// <param name="fillRandom">See <see cref="Generate"/>.</param>
    /// <returns>The lines, in the same order.</returns>
    public static CryptoAttribute[] GenerateAll(IReadOnlyList<string> suites, FillRandom fillRandom) =>
        [.. suites.Select((suite, i) => Generate(i + 1, suite, fillRandom))];

    /// <summary>Makes a line with a fresh random key.</summary>
    /// <param name="tag">The tag, 1 or more.</param>
    /// <param name="suite">A suite that we know.</param>
    /// <param name="fillRandom">Fills a span with secret random octets, of a cryptographic generator in production.</param>
    /// <returns>The line.</returns>
    public static CryptoAttribute Generate(int tag, string suite, FillRandom fillRandom)
    {
        ArgumentNullException.ThrowIfNull(fillRandom);
        int length = KeySaltLengthOf(suite);
        if (length == 0)
            throw new ArgumentException($"{suite} is no suite of ours.", nameof(suite));
        byte[] key = new byte[length];
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
