using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.TestKit.Carriers;

/// <summary>What a phone of raw octets answers a challenge with, worked out by hand (RFC 2617 §3.2.2).</summary>
public static class RawDigest
{
    /// <summary>The value of Authorization, or of Proxy-Authorization.</summary>
    /// <param name="challenge">The 401 or 407.</param>
    /// <param name="user">The account's user.</param>
    /// <param name="password">Its password.</param>
    /// <param name="method">The method of the request that was challenged.</param>
    /// <param name="uri">Its Request-URI.</param>
    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "What phones use (RFC 2617).")]
    public static string Answer(RawMessage challenge, string user, string password, string method, string uri)
    {
        string asked = challenge["WWW-Authenticate"] + challenge["Proxy-Authenticate"], realm = Parameter(asked, "realm"), nonce = Parameter(asked, "nonce");
        string response = Md5($"{Md5($"{user}:{realm}:{password}")}:{nonce}:00000001:c:auth:{Md5($"{method}:{uri}")}");
        return $"Digest username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"{uri}\",qop=auth,nc=00000001,cnonce=\"c\",response=\"{response}\"";

        static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Parameter(string challenge, string name) => challenge[(challenge.IndexOf(name + "=\"", StringComparison.Ordinal) + name.Length + 2)..].Split('"')[0];
}
