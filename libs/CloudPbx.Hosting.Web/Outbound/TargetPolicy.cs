using System.Net;
using System.Net.Sockets;

namespace CloudPbx.Hosting.Web.Outbound;

/// <summary>Which addresses we connect to for others, who name them (SECURITY.md S27): those of the public Internet, and networks that the operator names.</summary>
/// <param name="allowedNetworks">The operator's, such as <c>10.1.2.0/24</c>.</param>
public sealed class TargetPolicy(IEnumerable<string> allowedNetworks)
{
    // RFC 6890 and its registries: what is not for everybody.
    private static readonly IPNetwork[] s_special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork s_global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] s_special6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    private readonly IPNetwork[] _allowed = [.. allowedNetworks.Select(IPNetwork.Parse)];

    /// <summary>Whether an address may be connected to.</summary>
    /// <param name="address">The address.</param>
    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();                        // ::ffff:127.0.0.1 is 127.0.0.1
        if (Array.Exists(_allowed, net => net.Contains(address)))
            return true;
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(s_special4, net => net.Contains(address)),
            AddressFamily.InterNetworkV6 => address.ScopeId == 0 && s_global6.Contains(address) && !Array.Exists(s_special6, net => net.Contains(address)),
            _ => false,
        };
    }
}
