using System.Net;
using System.Security.Cryptography;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Namespaces;

/// <summary>
/// A network for phones, joined to the machine by a virtual cable. Directly: the PBX sees the phone's own address. Behind a NAT: a router
/// namespace in between masquerades, the PBX sees the router's address and a port that the router chose, and cannot reach the phone first.
/// </summary>
public sealed class PhoneNetwork : IAsyncDisposable
{
    private readonly NetworkNamespace? _router;

    private PhoneNetwork(NetworkNamespace phones, NetworkNamespace? router, IPAddress pbx, IPAddress seen, IPAddress phone) =>
        (Phones, _router, PbxAddress, SeenAddress, PhoneAddress) = (phones, router, pbx, seen, phone);

    /// <summary>The namespace to run phones in.</summary>
    public NetworkNamespace Phones { get; }

    /// <summary>The machine's address on this network: what phones call their server.</summary>
    public IPAddress PbxAddress { get; }

    /// <summary>The address that the PBX sees phones come from.</summary>
    public IPAddress SeenAddress { get; }

    /// <summary>The phones' own address; behind a NAT it means nothing outside.</summary>
    public IPAddress PhoneAddress { get; }

    /// <summary>A phone network without address translation.</summary>
    /// <param name="nameserver">The address that phones ask for names (a <see cref="Dns.DnsStub"/> inside: 127.0.0.1); null: the machine's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<PhoneNetwork> DirectAsync(string? nameserver, CancellationToken cancel)
    {
        NetworkNamespace phones = await NetworkNamespace.CreateAsync(nameserver, cancel);
        try
        {
            (IPAddress near, IPAddress far) = await CableAsync(phones, cancel);
            return new PhoneNetwork(phones, null, near, far, far);
        }
        catch
        {
            await phones.DisposeAsync();
            throw;
        }
    }

    /// <summary>A phone network behind a router that translates addresses (nftables masquerade).</summary>
    public static async Task<PhoneNetwork> BehindNatAsync(CancellationToken cancel)
    {
        NetworkNamespace.Require();
        Tools.Require("nft");
        NetworkNamespace? router = null, phones = null;
        try
        {
            router = await NetworkNamespace.CreateAsync(null, cancel);
            phones = await NetworkNamespace.CreateAsync(null, cancel);
            (IPAddress near, IPAddress far) = await CableAsync(router, cancel);
            await router.RunAsync(cancel, "ip", "link", "add", "inside", "type", "veth", "peer", "name", "outside", "netns", phones.Name);
            await router.RunAsync(cancel, "ip", "address", "add", "192.168.77.1/24", "dev", "inside");
            await router.RunAsync(cancel, "ip", "link", "set", "inside", "up");
            await phones.RunAsync(cancel, "ip", "address", "add", "192.168.77.2/24", "dev", "outside");
            await phones.RunAsync(cancel, "ip", "link", "set", "outside", "up");
            await phones.RunAsync(cancel, "ip", "route", "add", "default", "via", "192.168.77.1");
            await router.RunAsync(cancel, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
            // "random": the outer port differs from the phone's, so that nobody gets away with trusting the port in its Contact or SDP.
            await router.RunAsync(cancel, "nft", "table ip nat { chain out { type nat hook postrouting priority 100; oifname \"uplink\" masquerade random; }; };");
            await router.RunAsync(cancel, "nft", "table ip filter { chain forward { type filter hook forward priority 0; policy drop; iifname \"inside\" accept; ct state established,related accept; }; };");
            return new PhoneNetwork(phones, router, near, far, IPAddress.Parse("192.168.77.2"));
        }
        catch
        {
            if (phones is not null) await phones.DisposeAsync();
            if (router is not null) await router.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Phones.DisposeAsync();
        if (_router is not null) await _router.DisposeAsync();
    }

    /// <summary>Joins a namespace to the machine; the cable goes away with the namespace. Its end inside is "uplink", with the default route.</summary>
    private static async Task<(IPAddress Near, IPAddress Far)> CableAsync(NetworkNamespace inner, CancellationToken cancel)
    {
        string cable = $"pbx{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        byte[] subnet = [10, (byte)RandomNumberGenerator.GetInt32(64, 250), (byte)RandomNumberGenerator.GetInt32(256), (byte)(4 * RandomNumberGenerator.GetInt32(64))];
        IPAddress near = new([subnet[0], subnet[1], subnet[2], (byte)(subnet[3] + 1)]);
        IPAddress far = new([subnet[0], subnet[1], subnet[2], (byte)(subnet[3] + 2)]);
        await NetworkNamespace.IpAsync(cancel, "link", "add", cable, "type", "veth", "peer", "name", "uplink", "netns", inner.Name);
        await NetworkNamespace.IpAsync(cancel, "address", "add", $"{near}/30", "dev", cable);
        await NetworkNamespace.IpAsync(cancel, "link", "set", cable, "up");
        await inner.RunAsync(cancel, "ip", "address", "add", $"{far}/30", "dev", "uplink");
        await inner.RunAsync(cancel, "ip", "link", "set", "uplink", "up");
        await inner.RunAsync(cancel, "ip", "route", "add", "default", "via", near.ToString());
        return (near, far);
    }
}
