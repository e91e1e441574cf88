using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Sip.Authentication;

/// <summary>The computations of RFC 7616 §3.4.1 to §3.4.3; each hash operation is counted, so that a test can compare known and unknown users.</summary>
internal sealed class DigestHash
{
    // Kept: to set one up costs several times what it hashes. MD5 is what SIP phones speak (RFC 3261 §22.4); stronger algorithms are offered where a device copes.
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly Lazy<IncrementalHash> _sha256 = new(() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256));

    /// <summary>Gets how many hashes were computed.</summary>
    internal long Operations { get; private set; }

    /// <summary>H(username ":" realm ":" password), the part of A1 that a server may store.</summary>
    internal string UserHash(DigestAlgorithm algorithm, string username, string realm, string password) =>
        Hash(algorithm, $"{username}:{realm}:{password}");

    /// <summary>The response (RFC 7616 §3.4.1; without qop: RFC 2069's form).</summary>
    internal string Response(
        DigestAlgorithm algorithm, string userHash, string nonce, string? nonceCount, string? cnonce, string? qop, string method, string uri)
    {
        string a1 = algorithm is DigestAlgorithm.Md5Session or DigestAlgorithm.Sha256Session
            ? Hash(algorithm, $"{userHash}:{nonce}:{cnonce}")
            : userHash;
        string a2 = Hash(algorithm, $"{method}:{uri}");
        return Hash(algorithm, qop is null ? $"{a1}:{nonce}:{a2}" : $"{a1}:{nonce}:{nonceCount}:{cnonce}:{qop}:{a2}");
    }

    private string Hash(DigestAlgorithm algorithm, string text)
    {
        Operations++;
        Span<byte> octets = stackalloc byte[512];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (Encoding.UTF8.GetMaxByteCount(text.Length) > octets.Length)
            octets = Encoding.UTF8.GetBytes(text);
        else
            octets = octets[..Encoding.UTF8.GetBytes(text, octets)];
        IncrementalHash function = algorithm is DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session ? _md5 : _sha256.Value;
        function.AppendData(octets);
        return Convert.ToHexStringLower(hash[..function.GetHashAndReset(hash)]);
    }
}
