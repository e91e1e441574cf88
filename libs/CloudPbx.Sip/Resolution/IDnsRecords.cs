using System.Net;

namespace CloudPbx.Sip.Resolution;

/// <summary>Asks DNS. A server that fails or is silent is an outcome, never an exception.</summary>
/// <remarks>Thread-safe.</remarks>
public interface IDnsRecords
{
    /// <summary>The NAPTR records of a domain (RFC 3403).</summary>
    /// <param name="name">The domain.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<DnsAnswer<NaptrRecord>> NaptrAsync(string name, CancellationToken cancel);

    /// <summary>The SRV records of a service (RFC 2782).</summary>
    /// <param name="name">The name, <c>_sip._udp.example.com</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<DnsAnswer<SrvRecord>> SrvAsync(string name, CancellationToken cancel);

    /// <summary>The A and AAAA records of a host, IPv4 first. They are found where either kind is.</summary>
    /// <param name="name">The host.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel);
}
