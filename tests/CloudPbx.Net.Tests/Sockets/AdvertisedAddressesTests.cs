using System.Net;
using CloudPbx.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Net.Tests.Sockets;

public class AdvertisedAddressesTests
{
    private static readonly InternetEndPoint s_here = InternetEndPoint.From(IPEndPoint.Parse("127.0.0.1:5060"));
    private static readonly InternetEndPoint s_far = InternetEndPoint.From(IPEndPoint.Parse("203.0.113.200:5060"));
    private static readonly InternetEndPoint s_far6 = InternetEndPoint.From(IPEndPoint.Parse("[2001:db8::200]:5060"));
    private static readonly IPAddress s_local = IPAddress.Parse("10.1.2.3");

    [Fact]
    public void Peers_outside_the_local_networks_get_the_public_address()
    {
        var addresses = new AdvertisedAddresses(["pbx.example.com"], [IPNetwork.Parse("10.0.0.0/8")], new FakeTimeProvider());
        Assert.Equal("pbx.example.com", addresses.For(s_far, s_local));
        Assert.Equal("10.1.2.3", addresses.For(InternetEndPoint.From(IPEndPoint.Parse("10.9.9.9:1")), s_local));
        Assert.False(addresses.IsLocal(s_far));
        Assert.True(addresses.IsLocal(InternetEndPoint.From(IPEndPoint.Parse("10.255.0.1:1"))));
    }

    [Fact]
    public void A_peer_on_this_machine_is_local_whatever_networks_are_named()
    {
        var addresses = new AdvertisedAddresses(["192.0.2.50"], [IPNetwork.Parse("10.0.0.0/8")], new FakeTimeProvider());
        Assert.Equal("127.0.0.1", addresses.For(s_here));
    }

    [Fact]
    public void Without_a_public_address_the_connections_own_address_is_right() =>
        Assert.Equal("10.1.2.3", new AdvertisedAddresses([], [], new FakeTimeProvider()).For(s_far, s_local));

    [Theory]
    [InlineData("192.0.2.50", "192.0.2.50", "2001:db8:5::1")]
    [InlineData("2001:db8:7::7", "10.1.2.3", "2001:db8:7::7")]
    [InlineData("192.0.2.50 [2001:db8:7::7]", "192.0.2.50", "2001:db8:7::7")]
    [InlineData("pbx.example.com 192.0.2.50", "192.0.2.50", "pbx.example.com")]
    public void A_public_address_is_for_peers_of_its_family_a_name_for_all_others(string hosts, string seen4, string seen6)
    {
        var addresses = new AdvertisedAddresses(hosts.Split(' '), [IPNetwork.Parse("10.0.0.0/8")], new FakeTimeProvider());
        Assert.Equal((seen4, seen6), (addresses.For(s_far, s_local), addresses.For(s_far6, IPAddress.Parse("2001:db8:5::1"))));
    }

    [Fact]
    public void An_IPv6_address_stands_without_brackets_and_zone()
    {
        Assert.Equal("2001:db8::1", new AdvertisedAddresses(["[2001:db8::1]"], [], new FakeTimeProvider()).For(s_far6));
        Assert.Equal("fe80::1", new AdvertisedAddresses([], [], new FakeTimeProvider()).For(s_far, IPAddress.Parse("fe80::1%3")));
    }
}
