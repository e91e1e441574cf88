using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Sip.Authentication;

/// <summary>The computations of RFC 7616 §3.4.1 to §3.4.3; each hash operation is counted, so that a test can compare known and unknown users.</summary>
internal sealed class DigestHash
{
    private const int UsualLength = 1024;               // octets, counted three for each character

    // Kept: to set one up costs several times what it hashes. MD5 is what SIP phones speak (RFC 3261 §22.4); stronger algorithms are offered where a device copes.
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly Lazy<IncrementalHash> _sha256 = new(() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256));

    /// <summary>Gets how many hashes were computed.</summary>
    internal long Operations { get; private set; }

    /// <summary>H(username ":" realm ":" password), the part of A1 that a server may store.</summary>
    internal string UserHash(DigestAlgorithm algorithm, string username, string realm, string password) =>
        Hash(algorithm, username, realm, password);

    /// <summary>The response (RFC 7616 §3.4.1; without qop: RFC 2069's form).</summary>
    internal string Response(
        DigestAlgorithm algorithm, string userHash, string nonce, string? nonceCount, string? cnonce, string? qop, string method, string uri)
    {
        string a1 = algorithm is DigestAlgorithm.Md5Session or DigestAlgorithm.Sha256Session
            ? Hash(algorithm, userHash, nonce, cnonce)
            : userHash;
        string a2 = Hash(algorithm, method, uri);
        return qop is null ? Hash(algorithm, a1, nonce, a2) : Hash(algorithm, a1, nonce, nonceCount, cnonce, qop, a2);
    }

    /// <summary>The hash of the parts with colons between them, in lower-case hexadecimal digits.</summary>
    private string Hash(DigestAlgorithm algorithm, params ReadOnlySpan<string?> parts)
    {
        Operations++;
        int most = 0;
        foreach (string? part in parts)
            most += 1 + Encoding.UTF8.GetMaxByteCount(part?.Length ?? 0);
        Span<byte> octets = most <= UsualLength ? stackalloc byte[UsualLength] : new byte[most];
        int length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                octets[length++] = (byte)':';
            length += Encoding.UTF8.GetBytes(parts[i], octets[length..]);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        IncrementalHash function = algorithm is DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session ? _md5 : _sha256.Value;
        function.AppendData(octets[..length]);
        return Convert.ToHexStringLower(hash[..function.GetHashAndReset(hash)]);
    }
}
