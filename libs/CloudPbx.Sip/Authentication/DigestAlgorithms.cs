namespace CloudPbx.Sip.Authentication;

/// <summary>The names of the digest algorithms (RFC 7616 §6.1).</summary>
public static class DigestAlgorithms
{
    /// <summary>Finds an algorithm by its name, in any case.</summary>
    /// <param name="name">The value of the algorithm parameter; <see langword="null"/> means MD5 (RFC 7616 §3.3).</param>
    /// <returns>The algorithm, or <see cref="DigestAlgorithm.Unknown"/>.</returns>
    public static DigestAlgorithm FromName(string? name) => name switch
    {
        null => DigestAlgorithm.Md5,
        _ when name.Equals("MD5", StringComparison.OrdinalIgnoreCase) => DigestAlgorithm.Md5,
        _ when name.Equals("MD5-sess", StringComparison.OrdinalIgnoreCase) => DigestAlgorithm.Md5Session,
        _ when name.Equals("SHA-256", StringComparison.OrdinalIgnoreCase) => DigestAlgorithm.Sha256,
        _ when name.Equals("SHA-256-sess", StringComparison.OrdinalIgnoreCase) => DigestAlgorithm.Sha256Session,
        _ => DigestAlgorithm.Unknown,
    };

    /// <summary>The registered name of an algorithm.</summary>
    /// <param name="algorithm">A known algorithm.</param>
    /// <returns>Its name as RFC 7616 writes it.</returns>
    public static string ToName(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5",
        DigestAlgorithm.Md5Session => "MD5-sess",
        DigestAlgorithm.Sha256 => "SHA-256",
        DigestAlgorithm.Sha256Session => "SHA-256-sess",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Not a known algorithm."),
    };
}
