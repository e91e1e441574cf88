using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudPbx.Sip.Authentication;

/// <summary>The digest credentials of an Authorization or Proxy-Authorization field (RFC 7616 §3.4, RFC 3261 §20.7).</summary>
public sealed record DigestCredentials
{
    /// <summary>Gets the user name.</summary>
    public required string Username { get; init; }

    /// <summary>Gets the realm.</summary>
    public required string Realm { get; init; }

    /// <summary>Gets the server's nonce.</summary>
    public required string Nonce { get; init; }

    /// <summary>Gets the digest-uri, as the client wrote it; the response was computed over exactly this text.</summary>
    public required string Uri { get; init; }

    /// <summary>Gets the response, lower-case hexadecimal digits.</summary>
    public required string Response { get; init; }

    /// <summary>Gets the algorithm; MD5 where none is named.</summary>
    public DigestAlgorithm Algorithm { get; init; } = DigestAlgorithm.Md5;

    /// <summary>Gets whether the algorithm is named in the field.</summary>
    public bool AlgorithmNamed { get; init; } = true;

    /// <summary>Gets the quality of protection: <c>auth</c>, or <see langword="null"/> for a response as in RFC 2069.</summary>
    public string? Qop { get; init; }

    /// <summary>Gets the client's nonce.</summary>
    public string? Cnonce { get; init; }

    /// <summary>Gets the nonce count as written: eight hexadecimal digits, which are part of what is hashed.</summary>
    public string? NonceCount { get; init; }

    /// <summary>Gets the opaque value of the challenge.</summary>
    public string? Opaque { get; init; }

    /// <summary>Gets <see cref="NonceCount"/> as a number; <see langword="null"/> if there is none or it is no hexadecimal number.</summary>
    public uint? NonceCountValue =>
        uint.TryParse(NonceCount, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint count) ? count : null;

    /// <summary>Reads digest credentials.</summary>
    /// <param name="value">The field's value; folded lines allowed. Nothing that a stranger sends throws.</param>
    /// <param name="credentials">The credentials, or <see langword="null"/>.</param>
    /// <returns>Whether the value was of the Digest scheme and had username, realm, nonce, uri and response.</returns>
    public static bool TryParse(string? value, [NotNullWhen(true)] out DigestCredentials? credentials)
    {
        credentials = null;
        DigestFieldReader reader = new(value);
        if (!reader.TryReadScheme(out ReadOnlySpan<char> scheme) || !scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase))
            return false;
        string? username = null, realm = null, nonce = null, uri = null, response = null, algorithm = null, qop = null, cnonce = null, nonceCount = null, opaque = null;
        while (reader.TryReadParameter(out ReadOnlySpan<char> name, out ReadOnlySpan<char> text))
        {
            _ = Take(name, "username", text, ref username) || Take(name, "realm", text, ref realm) || Take(name, "nonce", text, ref nonce) || Take(name, "uri", text, ref uri)
                || Take(name, "response", text, ref response) || Take(name, "algorithm", text, ref algorithm) || Take(name, "qop", text, ref qop)
                || Take(name, "cnonce", text, ref cnonce) || Take(name, "nc", text, ref nonceCount) || Take(name, "opaque", text, ref opaque);
        }
        if (reader.IsFaulty || username is null || realm is null || nonce is null || uri is null || response is null)
            return false;
        credentials = new DigestCredentials
        {
            Username = username,
            Realm = realm,
            Nonce = nonce,
            Uri = uri,
            Response = response,
            Algorithm = DigestAlgorithms.FromName(algorithm),
            AlgorithmNamed = algorithm is not null,
            Qop = qop is { Length: > 0 } ? qop : null,
            Cnonce = cnonce,
            NonceCount = nonceCount,
            Opaque = opaque,
        };
        return true;
    }

    // Of a repeated name the first counts.
    private static bool Take(ReadOnlySpan<char> name, string wanted, ReadOnlySpan<char> text, ref string? value)
    {
        if (name.Length != wanted.Length || !name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            return false;
        value ??= text.ToString();
        return true;
    }

    /// <summary>The field's value.</summary>
    /// <returns>For example <c>Digest username="alice", realm="sip.test", …, qop=auth, nc=00000001</c>.</returns>
    public override string ToString()
    {
        DigestFieldWriter writer = new();
        writer.Quoted("username", Username);
        writer.Quoted("realm", Realm);
        writer.Quoted("nonce", Nonce);
        writer.Quoted("uri", Uri);
        writer.Quoted("response", Response);
        if (AlgorithmNamed && Algorithm != DigestAlgorithm.Unknown)
            writer.Token("algorithm", Algorithm.ToName());
        writer.Quoted("cnonce", Cnonce);
        writer.Quoted("opaque", Opaque);
        writer.Token("qop", Qop);
        writer.Token("nc", NonceCount);
        return writer.ToString();
    }
}
