using System.Security.Cryptography;
using System.Text;
using CloudPbx.Load.Product;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Sip;

/// <summary>One user of a load, with what his requests need ready as octets.</summary>
internal sealed class LoadUser
{
    private const int DigestText = 32;

    private readonly byte[] _hashedSecret = new byte[DigestText];

    public LoadUser(int index)
    {
        string number = Phonebook.NumberOf(index), domain = Phonebook.DomainOf(index);
        Number = Encoding.ASCII.GetBytes(number);
        Domain = Encoding.ASCII.GetBytes(domain);
        Address = Encoding.ASCII.GetBytes($"sip:{number}@{domain}");
        DomainUri = Encoding.ASCII.GetBytes($"sip:{domain}");
        Hash(Encoding.ASCII.GetBytes($"{number}:{domain}:{Phonebook.Password}"), _hashedSecret);
    }

    public byte[] Number { get; }

    public byte[] Domain { get; }

    /// <summary><c>sip:NUMBER@DOMAIN</c>.</summary>
    public byte[] Address { get; }

    /// <summary><c>sip:DOMAIN</c>.</summary>
    public byte[] DomainUri { get; }

    /// <summary>Writes the header field that answers a challenge (RFC 7616 §3.4 with MD5 and qop=auth).</summary>
    /// <param name="writer">Takes the line.</param>
    /// <param name="challenge">The 401 or 407; its realm must be the user's domain.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="uri">Its Request-URI.</param>
    /// <returns>False when there is no challenge in it.</returns>
    public bool WriteCredentials(ref OctetWriter writer, scoped ReadOnlySpan<byte> challenge, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        bool proxy = SipText.TryFind(challenge, "Proxy-Authenticate"u8, out ReadOnlySpan<byte> value);
        if ((!proxy && !SipText.TryFind(challenge, "WWW-Authenticate"u8, out value)) || !SipText.TryFindParameter(value, "nonce"u8, out ReadOnlySpan<byte> nonce))
            return false;
        Span<byte> text = stackalloc byte[512], hashedRequest = stackalloc byte[DigestText], response = stackalloc byte[DigestText];
        var scratch = new OctetWriter(text);
        scratch.Write(method);
        scratch.Write(":"u8);
        scratch.Write(uri);
        Hash(text[..scratch.Length], hashedRequest);
        scratch = new OctetWriter(text);
        scratch.Write(_hashedSecret);
        scratch.Write(":"u8);
        scratch.Write(nonce);
        scratch.Write(":00000001:0a4f113b:auth:"u8);
        scratch.Write(hashedRequest);
        Hash(text[..scratch.Length], response);
        writer.Write(proxy ? "Proxy-Authorization: Digest username=\""u8 : "Authorization: Digest username=\""u8);
        writer.Write(Number);
        writer.Write("\", realm=\""u8);
        writer.Write(Domain);
        writer.Write("\", nonce=\""u8);
        writer.Write(nonce);
        writer.Write("\", uri=\""u8);
        writer.Write(uri);
        writer.Write("\", response=\""u8);
        writer.Write(response);
        writer.Write("\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"0a4f113b\"\r\n"u8);
        return true;
    }

    private static void Hash(ReadOnlySpan<byte> text, Span<byte> hexadecimal)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // The digest scheme that phones speak.
        MD5.HashData(text, hash);
#pragma warning restore CA5351
        _ = Convert.TryToHexStringLower(hash, hexadecimal, out _);
    }
}
