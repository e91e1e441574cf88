using System.Net;
using System.Net.Sockets;
using CloudPbx.Media.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Sessions;

/// <summary>In which family of addresses a leg stands, and where it is reached (infra/decisions/0020-both-families.md).</summary>
public sealed class AddressPlanTests
{
    private const string Both = "0.0.0.0 ::", Publics = "203.0.113.7 2001:db8:7::7";

    [Theory]
    [InlineData(Both, "198.51.100.9", null, "203.0.113.7")]
    [InlineData(Both, "2001:db8::9", null, "2001:db8:7::7")]
    [InlineData(Both, "198.51.100.9", "2001:db8::9", "2001:db8:7::7")]          // the peer wants its media there
    [InlineData(Both, "2001:db8::9", "198.51.100.9", "203.0.113.7")]
    [InlineData(Both, null, "2001:db8::9", "2001:db8:7::7")]
    [InlineData(Both, null, null, "203.0.113.7")]
    [InlineData(":: 0.0.0.0", null, null, "2001:db8:7::7")]
    [InlineData(Both, "::ffff:198.51.100.9", null, "203.0.113.7")]              // a connection to a socket of both families
    [InlineData(Both, "127.0.0.1", "::1", "::1")]
    [InlineData(Both, "::1", "127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "2001:db8::9", "2001:db8::9", "203.0.113.7")]        // a node of one family has no other
    [InlineData("::", "198.51.100.9", "198.51.100.9", "2001:db8:7::7")]
    public void The_peers_media_goes_first_then_its_signalling(string binds, string? signalling, string? described, string own)
    {
        OwnAddress chosen = Plan(binds, Publics).Choose(ToAddress(signalling), ToAddress(described));
        Assert.Equal((own, IPAddress.Parse(own).AddressFamily), (chosen.Address, chosen.Family));
    }

    [Theory]
    [InlineData("198.51.100.9", "2001:db8::9")]
    [InlineData("2001:db8::9", null)]
    public void Where_a_machine_has_no_address_but_its_insides_it_is_not_reached(string signalling, string? described) =>
        Assert.Equal(new OwnAddress(AddressFamily.InterNetwork, "203.0.113.7"), Plan("0.0.0.0 ::1", "203.0.113.7").Choose(ToAddress(signalling), ToAddress(described)));

    [Theory]
    [InlineData(Both, true, true, Both)]
    [InlineData(Both, true, false, "0.0.0.0")]
    [InlineData(Both, false, true, "::")]
    [InlineData("::", true, false, "::")]                                       // it fails by itself, and says so
    public void Families_that_the_machine_does_not_have_are_left_out(string binds, bool has4, bool has6, string served) =>
        Assert.Equal(ToAddresses(served), AddressPlan.Served(ToAddresses(binds), family => family == AddressFamily.InterNetwork ? has4 : has6));

    private static AddressPlan Plan(string binds, string publics) => new(ToAddresses(binds), ToAddresses(publics), ["10.0.0.0/8"], new FakeTimeProvider());

    private static IPAddress[] ToAddresses(string text) => [.. text.Split(' ').Select(IPAddress.Parse)];

    private static IPAddress? ToAddress(string? text) => text is null ? null : IPAddress.Parse(text);
}
