using System.Text;
using CloudPbx.Sip.Authentication;

namespace CloudPbx.Fuzz;

/// <summary>The digest fields: what is read, written and read again is the same.</summary>
internal static class DigestFuzz
{
    internal const string GnomeCalls = "Digest username=\"alice\", realm=\"sip.test\", nonce=\"abc\", cnonce=\"Y4FUc2GNEkCgZgo6L3/NMA\", algorithm=MD5, "
        + "uri=\"sip:sip.test:15060\", response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=0000000a";

    internal const string TwoChallenges = "Digest realm=\"a\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\", stale=true, Digest realm=b,nonce=m,opaque=\"\\\"\"";

    /// <summary>Pieces that quoting and lists have stumbled over (CVE-2023-28098).</summary>
    internal static IReadOnlyList<byte[]> Phrases { get; } =
        [.. new[] { "Digest ", "digest\r\n ", ", ,", "=\"\"", "=\"\\", "\\\"", "qop=\"auth,auth-int\"", "algorithm=\"SHA-256\"", "algorithm=SHA-512-256-sess", "stale=", "nc=0000000g", "username*=UTF-8''%e2", "userhash=true", "domain=\"sip:a sip:b\"" }
            .Select(Encoding.Latin1.GetBytes)];

    /// <summary>The same octets as challenges and as credentials.</summary>
    internal static void Both(ReadOnlySpan<byte> octets)
    {
        Challenge(octets);
        Credentials(octets);
    }

    private static void Challenge(ReadOnlySpan<byte> octets)
    {
        foreach (DigestChallenge challenge in DigestChallenge.Parse(Encoding.Latin1.GetString(octets)))
        {
            if (challenge.Algorithm != DigestAlgorithm.Unknown && !OneLine(challenge.ToString()))
                throw new InvalidOperationException("A challenge ends its line.");
        }
    }

    private static void Credentials(ReadOnlySpan<byte> octets)
    {
        if (!DigestCredentials.TryParse(Encoding.Latin1.GetString(octets), out DigestCredentials? credentials))
            return;
        _ = credentials.NonceCountValue;
        if (credentials.Algorithm != DigestAlgorithm.Unknown && !DigestCredentials.TryParse(credentials.ToString(), out _))
            throw new InvalidOperationException("Written and read again it is none.");
    }

    private static bool OneLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') < 0;
}
