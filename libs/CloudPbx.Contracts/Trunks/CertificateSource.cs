using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Contracts.Trunks;

/// <summary>
/// A trunk's source that is no address but a client certificate, which the carrier shows when it connects to us by TLS: by a name in it (<c>tls:sbc.carrier.example</c>; an
/// authority that the edge trusts must have issued it), or by the SHA-256 of it (<c>sha256:</c> and 64 hexadecimal digits; whoever issued it).
/// </summary>
public static class CertificateSource
{
    /// <summary>The most characters of a source.</summary>
    public const int MaxLength = 260;

    private const string NamePrefix = "tls:";
    private const string FingerprintPrefix = "sha256:";

    /// <summary>Says whether a source, canonical or not, is a certificate and no address.</summary>
    /// <param name="source">The source.</param>
    public static bool Is(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.StartsWith(NamePrefix, StringComparison.OrdinalIgnoreCase) || source.StartsWith(FingerprintPrefix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The source of a certificate that bears a name.</summary>
    /// <param name="name">A DNS name.</param>
    public static string OfName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return NamePrefix + name.TrimEnd('.').ToLowerInvariant();
    }

    /// <summary>The source of one certificate.</summary>
    /// <param name="hash">The SHA-256 of its DER form, 32 octets.</param>
    public static string OfFingerprint(ReadOnlySpan<byte> hash) => FingerprintPrefix + Convert.ToHexStringLower(hash);

    /// <summary>Gives a source in its canonical form: lower case, digits without the colons that tools put between them.</summary>
    /// <param name="source">What somebody wrote, beginning as <see cref="Is"/> wants it.</param>
    /// <returns><see langword="null"/>: it is neither a name nor a fingerprint.</returns>
    public static string? Normalize(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.StartsWith(NamePrefix, StringComparison.OrdinalIgnoreCase))
        {
            string name = source[NamePrefix.Length..].TrimEnd('.');
            return name.Length is > 0 and <= 253 && name.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(name) == UriHostNameType.Dns ? OfName(name) : null;
        }
        string digits = source[FingerprintPrefix.Length..].Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit) ? FingerprintPrefix + digits.ToLowerInvariant() : null;
    }

    /// <summary>A short form of a source, for flow tokens: the first 128 bits of its SHA-256. Never zero but for a chance in 2¹²⁸.</summary>
    /// <param name="source">The canonical source.</param>
    public static UInt128 DigestOf(string source) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(source)));
}
