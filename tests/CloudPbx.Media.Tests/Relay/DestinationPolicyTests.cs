using System.Net;
using CloudPbx.Media.Ports;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>SECURITY.md S17: an SDP cannot make the node send where its sender could not.</summary>
public class DestinationPolicyTests
{
    [Theory]
    [InlineData("198.51.100.4", "198.51.100.4", true)]
    [InlineData("198.51.100.4", null, true)]
    [InlineData("198.51.100.4", "203.0.113.1", true)]   // a carrier's media gateway beside its proxy
    [InlineData("10.1.2.3", "10.9.9.9", true)]
    [InlineData("10.1.2.3", "203.0.113.1", false)]      // the inside of a NAT, or of our own network
    [InlineData("192.168.1.1", "203.0.113.1", false)]
    [InlineData("100.64.0.1", "203.0.113.1", false)]
    [InlineData("169.254.169.254", "203.0.113.1", false)]
    [InlineData("169.254.169.254", "10.1.2.3", false)]
    [InlineData("127.0.0.1", "203.0.113.1", false)]
    [InlineData("127.0.0.1", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("0.0.0.0", "127.0.0.1", false)]
    [InlineData("0.1.2.3", "127.0.0.1", false)]
    [InlineData("224.0.0.1", "127.0.0.1", false)]
    [InlineData("255.255.255.255", "127.0.0.1", false)]
    [InlineData("::", "::1", false)]
    [InlineData("ff02::1", "fe80::2", false)]
    [InlineData("fe80::1", "fe80::2", true)]
    [InlineData("fd00::1", "2001:db8::1", false)]
    [InlineData("2001:db8::7", "2001:db8::1", true)]
    [InlineData("203.0.113.7", "203.0.113.1", true)]    // our public address, a port that is not ours
    [InlineData("2001:db8:7::7", "203.0.113.1", true)]
    public void Addresses(string address, string? signalling, bool allowed) =>
        Assert.Equal(allowed, Policy().Allows(IPAddress.Parse(address), 4000, signalling is null ? null : IPAddress.Parse(signalling)));

    [Fact]
    public void Our_own_media_ports_are_nobodys_peer()
    {
        DestinationPolicy policy = Policy();
        Assert.False(policy.Allows(IPAddress.Parse("203.0.113.7"), 21_500, IPAddress.Parse("203.0.113.1")));
        Assert.False(policy.Allows(IPAddress.Parse("2001:db8:7::7"), 21_500, IPAddress.Parse("203.0.113.1")));      // of the other family, too
        Assert.True(policy.Allows(IPAddress.Parse("203.0.113.8"), 21_500, IPAddress.Parse("203.0.113.1")));
        Assert.False(policy.Allows(IPAddress.Parse("203.0.113.8"), 0, null));
    }

    private static DestinationPolicy Policy() => new(new PortPool([IPAddress.Loopback], 21_000, 21_999, 0, 0), [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("2001:db8:7::7")]);
}
