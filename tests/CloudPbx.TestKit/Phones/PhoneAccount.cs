using CloudPbx.Sip.Transport;

namespace CloudPbx.TestKit.Phones;

/// <summary>What a user types into a phone.</summary>
/// <param name="User">The extension or device user.</param>
/// <param name="Password">The SIP password.</param>
/// <param name="Domain">The domain of the address of record; an IP address where the phone has no domain.</param>
/// <param name="Server">The name or address of the server.</param>
/// <param name="Port">The server's port for <paramref name="Transport"/>; 0 lets the phone ask DNS, if it can.</param>
/// <param name="Transport">UDP, TCP or TLS.</param>
public sealed record PhoneAccount(string User, string Password, string Domain, string Server, int Port, SipTransport Transport)
{
    /// <summary>Whether the server is an address of IPv6: then the phone has nothing else either.</summary>
    internal bool IsIPv6 => Server.Contains(':', StringComparison.Ordinal);

    /// <summary>Media encryption.</summary>
    public PhoneEncryption Encryption { get; init; }

    /// <summary>PEM file with the authority that signed the server's certificate; null: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file with the certificate and the key that the phone shows to a server that asks; null: none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Codecs in order of preference (<c>PCMA</c>, <c>PCMU</c>, <c>G722</c>, <c>opus</c>); empty: the phone's own order.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = [];

    /// <summary>Seconds that the phone asks its registration to live.</summary>
    public int ExpiresSeconds { get; init; } = 300;

    /// <summary>The tone that the phone sends in every call, in Hertz; 0 is silence.</summary>
    public int ToneHertz { get; init; } = 440;

    /// <summary>Whether the phone has a camera and a screen, if only made-up ones.</summary>
    public bool HasVideo { get; init; }
}
