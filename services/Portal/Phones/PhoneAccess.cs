using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.Phones;

/// <summary>How phones reach the product: what is typed into them.</summary>
public sealed class PhoneAccess
{
    private readonly PortalOptions _options;

    /// <summary>Takes the settings.</summary>
    /// <param name="options">The settings.</param>
    public PhoneAccess(IOptions<PortalOptions> options)
    {
        _options = options.Value;
        (SipPort, TlsPort) = (_options.SipPort, _options.TlsPort);
    }

    /// <summary>The port of SIP over UDP and TCP.</summary>
    public int SipPort { get; private set; }

    /// <summary>The port of SIP over TLS.</summary>
    public int TlsPort { get; private set; }

    /// <summary>PEM file of the authority that phones must trust, or <see langword="null"/>.</summary>
    public string? AuthorityFile => _options.AuthorityFile;

    /// <summary>Says which ports were bound, where any free ones were asked for.</summary>
    /// <param name="sipPort">UDP and TCP.</param>
    /// <param name="tlsPort">TLS.</param>
    public void Use(int sipPort, int tlsPort) => (SipPort, TlsPort) = (sipPort, tlsPort);

    /// <summary>The server to type into a phone: the configured one, else the host that the browser has the portal from; a phone elsewhere cannot use this machine's own loopback name.</summary>
    /// <param name="portal">The portal's address as the browser has it.</param>
    /// <param name="own">Addresses of this machine.</param>
    public string ServerFor(Uri portal, IEnumerable<IPAddress> own)
    {
        if (_options.PhoneServer is { Length: > 0 } configured)
            return configured;
        if (!portal.IsLoopback)
            return portal.Host;
        return own.FirstOrDefault(address => !IPAddress.IsLoopback(address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)?.ToString() ?? "127.0.0.1";
    }
}
