using System.Net;
using System.Net.NetworkInformation;

namespace CloudPbx.Portal.Phones;

/// <summary>The addresses of this machine, for phones elsewhere whose owner looks at the portal from here.</summary>
internal static class OwnAddresses
{
    public static IReadOnlyList<IPAddress> Find() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().Where(card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(address => address.Address).Where(address => !address.IsIPv6LinkLocal),
    ];
}
