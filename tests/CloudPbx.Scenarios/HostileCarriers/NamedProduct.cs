using System.Net;
using CloudPbx.TestKit.Namespaces;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A running product that asks a name server of the scenario's for carriers.</summary>
public sealed class NamedProduct : ProductFixture
{
    /// <summary>Where the name server has to listen.</summary>
    public IPEndPoint NameServer { get; } = new(IPAddress.Loopback, FreePort.Udp());

    protected override IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?> { ["CallControl__NameServers__0"] = NameServer.ToString() };
}
