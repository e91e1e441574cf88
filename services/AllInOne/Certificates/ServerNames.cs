using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.AllInOne.Certificates;

/// <summary>The names and addresses by which phones reach this machine: the subject alternative names of its certificate.</summary>
/// <param name="Dns">Host names, lower case, in the order of importance.</param>
/// <param name="Addresses">IP addresses.</param>
internal sealed record ServerNames(IReadOnlyList<string> Dns, IReadOnlyList<IPAddress> Addresses)
{
    // mbedTLS 2 knows no addresses in certificates: Linphone looks for the one that its user typed among the DNS names. Nobody else does (RFC 6125 §1.7.2).
    private IEnumerable<string> DnsAndTyped => Dns.Concat(Addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(a => a.ToString()));

    /// <summary>The subject's common name; only a label, clients look at the alternative names.</summary>
    public string First => Dns.Count > 0 ? Dns[0] : Addresses[0].ToString();

    /// <summary>This machine's names: host name, <c>localhost</c>, the domains given, every address of its interfaces, and the public ones.</summary>
    public static ServerNames OfThisMachine(IEnumerable<string> domains, IEnumerable<IPAddress> publicAddresses)
    {
        List<string> dns = [.. domains, Environment.MachineName, "localhost"];
        List<IPAddress> addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback];
        addresses.AddRange(NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => !a.IsIPv6LinkLocal));
        addresses.AddRange(publicAddresses);
        return new ServerNames(
            [.. dns.Select(d => d.ToLowerInvariant()).Where(d => Uri.CheckHostName(d) == UriHostNameType.Dns).Distinct()],
            [.. addresses.Distinct()]);
    }

    /// <summary>Whether <paramref name="certificate"/> covers all of these names.</summary>
    public bool AreCoveredBy(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is not null
            && DnsAndTyped.All(names.EnumerateDnsNames().ToHashSet(StringComparer.OrdinalIgnoreCase).Contains)
            && Addresses.All(names.EnumerateIPAddresses().ToHashSet().Contains);
    }

    /// <summary>The subjectAltName extension (RFC 5280 §4.2.1.6).</summary>
    public X509Extension ToExtension()
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (string name in DnsAndTyped) builder.AddDnsName(name);
        foreach (IPAddress address in Addresses) builder.AddIpAddress(address);
        return builder.Build();
    }
}
