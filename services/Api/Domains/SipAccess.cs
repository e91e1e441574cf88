using CloudPbx.Hosting.Web.Addresses;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Domains;

/// <summary>How phones reach the edges: where the records of tenants' domains lead.</summary>
public sealed class SipAccess
{
    /// <summary>Takes the settings.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="publicUrl">Whose host is taken where the settings name none.</param>
    public SipAccess(IOptions<DomainOptions> options, PublicUrl publicUrl)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(publicUrl);
        Host = options.Value.SipHost is { Length: > 0 } host ? host : publicUrl.Origin.Host;
        (SipPort, TlsPort) = (options.Value.SipPort, options.Value.TlsPort);
    }

    /// <summary>A name, or an address.</summary>
    public string Host { get; }

    /// <summary>The port of SIP over UDP and TCP.</summary>
    public int SipPort { get; private set; }

    /// <summary>The port of SIP over TLS.</summary>
    public int TlsPort { get; private set; }

    /// <summary>Says which ports were bound, where any free ones were asked for.</summary>
    /// <param name="sipPort">UDP and TCP.</param>
    /// <param name="tlsPort">TLS.</param>
    public void Use(int sipPort, int tlsPort) => (SipPort, TlsPort) = (sipPort, tlsPort);
}
