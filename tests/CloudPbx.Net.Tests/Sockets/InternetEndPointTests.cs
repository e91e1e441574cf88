using System.Net;
using System.Text;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class InternetEndPointTests
{
    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("192.0.2.1:5060")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[2001:db8::1]:5060")]
    [InlineData("[::]:1")]
    [InlineData("[::1]:1")]
    [InlineData("[1::]:1")]
    [InlineData("[2001:db8:0:1:1:1:1:1]:1")]           // RFC 5952 §4.2.2: one group alone is not shortened
    [InlineData("[2001:0:0:1::1]:1")]                  // §4.2.3: the longest run
    [InlineData("[2001:db8::1:0:0:1]:1")]              // §4.2.3: the first of equal runs
    [InlineData("[fe80::1%7]:5060")]
    public void An_end_point_keeps_its_value_in_every_form(string text)
    {
        var expected = IPEndPoint.Parse(text);
        var value = InternetEndPoint.From(expected);
        Assert.Equal(expected, value.ToIPEndPoint());
        Assert.True(InternetEndPoint.TryFrom(expected.Serialize().Buffer.Span, out InternetEndPoint read));
        Assert.Equal(value, read);
        var written = new SocketAddress(expected.AddressFamily);
        Assert.True(value.TryWriteTo(written));
        Assert.Equal(expected.Serialize(), written);
        Span<byte> address = stackalloc byte[48];
        string formatted = Encoding.ASCII.GetString(address[..value.FormatAddress(address)]);
        Assert.Equal(new IPAddress(expected.Address.GetAddressBytes()).ToString(), formatted);
    }

    [Fact]
    public void A_mapped_address_is_an_IPv4_address()
    {
        var mapped = InternetEndPoint.From(IPEndPoint.Parse("[::ffff:192.0.2.1]:5060"));
        Assert.Equal(InternetEndPoint.From(IPEndPoint.Parse("192.0.2.1:5060")), mapped);
        var socket = new SocketAddress(System.Net.Sockets.AddressFamily.InterNetworkV6);
        Assert.True(mapped.TryWriteTo(socket));
        Assert.True(InternetEndPoint.TryFrom(socket.Buffer.Span, out InternetEndPoint read));
        Assert.Equal(mapped, read);
    }

    [Fact]
    public void An_IPv4_socket_cannot_send_to_IPv6() =>
        Assert.False(InternetEndPoint.From(IPEndPoint.Parse("[::1]:1")).TryWriteTo(new SocketAddress(System.Net.Sockets.AddressFamily.InterNetwork)));

    [Fact]
    public void A_destination_that_is_too_short_gets_nothing()
    {
        foreach (string text in (string[])["192.0.2.100:1", "[2001:db8:1:2:3:4:5:6]:1", "[::1]:1"])
        {
            var value = InternetEndPoint.From(IPEndPoint.Parse(text));
            byte[] whole = new byte[48];
            int length = value.FormatAddress(whole);
            for (int room = 0; room < length; room++)
                Assert.Equal(0, value.FormatAddress(whole.AsSpan(0, room)));
        }
    }
}
