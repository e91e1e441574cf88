using System.Text;
using CloudPbx.Load.Product;
using CloudPbx.Load.Sip;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Load.Tests.Sip;

public class RegisterTextTests
{
    [Fact]
    public void The_second_REGISTER_answers_the_challenge_as_the_product_s_own_client_would()
    {
        LoadUser user = new(13);
        string domain = Phonebook.DomainOf(13);
        byte[] challenge = Encoding.ASCII.GetBytes($"SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"{domain}\", nonce=\"n0\", qop=\"auth\", algorithm=MD5\r\nContent-Length: 0\r\n\r\n");
        byte[] octets = new byte[4096];
        int length = RegisterText.Write(octets, user, 5, 1, 2, "UDP"u8, 5060, challenge);
        Assert.Equal(SipParseError.None, SipMessage.TryParse(octets.AsSpan(0, length), out SipMessage? message));
        string? credentials = message!.Headers.Get(SipHeaderName.Authorization);
        Assert.NotNull(credentials);
#pragma warning disable CA5351 // The digest scheme that phones speak.
        string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.ASCII.GetBytes(text)));
#pragma warning restore CA5351
        // RFC 7616 §3.4.1 to §3.4.3.
        string expected = Hash($"{Hash($"{Phonebook.NumberOf(13)}:{domain}:{Phonebook.Password}")}:n0:00000001:0a4f113b:auth:{Hash($"REGISTER:sip:{domain}")}");
        Assert.Contains($"response=\"{expected}\"", credentials, StringComparison.Ordinal);
    }
}
