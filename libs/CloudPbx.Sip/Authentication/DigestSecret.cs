namespace CloudPbx.Sip.Authentication;

/// <summary>What a user proves to know: a password, or the stored hashes of user name, realm and password (RFC 7616 §3.4.2, "HA1").</summary>
public sealed class DigestSecret
{
    private readonly string? _password;
    private readonly string? _md5;
    private readonly string? _sha256;

    private DigestSecret(string? password, string? md5, string? sha256)
    {
        _password = password;
        _md5 = md5;
        _sha256 = sha256;
    }

    /// <summary>A secret in clear.</summary>
    /// <param name="password">The password; hashed as UTF-8.</param>
    /// <returns>A secret that works in every realm and with every known algorithm.</returns>
    public static DigestSecret FromPassword(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return new(password, null, null);
    }

    /// <summary>Stored hashes H(username ":" realm ":" password), lower-case hexadecimal.</summary>
    /// <param name="md5">The MD5 hash, if that algorithm may be used.</param>
    /// <param name="sha256">The SHA-256 hash, if that algorithm may be used.</param>
    /// <returns>A secret that is bound to one user name and realm.</returns>
    public static DigestSecret FromHashes(string? md5, string? sha256) => new(null, md5, sha256);

    /// <summary>Computes the hash to store in place of a password.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="username">The digest user name.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="password">The password.</param>
    /// <returns>Lower-case hexadecimal digits.</returns>
    public static string Hash(DigestAlgorithm algorithm, string username, string realm, string password) =>
        new DigestHash().UserHash(algorithm, username, realm, password);

    /// <summary>The user's hash for one algorithm.</summary>
    /// <returns>The hash, or <see langword="null"/> if this secret does not serve that algorithm.</returns>
    internal string? UserHash(DigestHash hash, DigestAlgorithm algorithm, string username, string realm)
    {
        if (_password is not null)
            return hash.UserHash(algorithm, username, realm, _password);
        return algorithm is DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session ? _md5 : _sha256;
    }
}
