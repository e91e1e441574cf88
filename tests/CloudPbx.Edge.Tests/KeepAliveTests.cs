using System.Net;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class KeepAliveTests
{
    private static readonly byte[] s_request = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. "0123456789ab"u8];

    [Fact]
    public async Task I41_a_STUN_request_on_the_SIP_port_is_answered()       // RFC 5626 §4.4.2
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(s_request);
        await phone.SendAsync(s_request);                                     // an answer is longer than a request, and nobody has authenticated here (S32)
        byte[] answer = await phone.ReceiveOctetsAsync();
        Assert.Equal(32, answer.Length);
        Assert.Equal("0123456789ab"u8, answer.AsSpan(8, 12));
        Assert.Equal(phone.Port, ((answer[26] << 8) | answer[27]) ^ 0x2112);
        Assert.Equal([127, 0, 0, 1], answer.AsSpan(28, 4).ToArray().Zip(s_request.AsSpan(4, 4).ToArray(), (a, b) => (byte)(a ^ b)));
    }

    [Fact]
    public void An_IPv6_address_is_xored_with_cookie_and_transaction_id()     // RFC 8489 §14.2; the address of RFC 5769 §2.3, with another id
    {
        Span<byte> answer = stackalloc byte[StunResponder.MaxLength];
        int length = StunResponder.Answer(s_request, InternetEndPoint.From(IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853")), answer);
        Assert.Equal(44, length);
        byte[] address = answer.Slice(28, 16).ToArray();
        for (int i = 0; i < 16; i++)
            address[i] ^= s_request[4 + i];
        Assert.Equal(IPAddress.Parse("2001:db8:1234:5678:11:2233:4455:6677"), new IPAddress(address));
    }

    [Theory]
    [InlineData(0, 3)]          // not a binding request
    [InlineData(3, 4)]          // a length that is not the datagram's
    public void Other_STUN_messages_get_no_answer(int at, byte value)
    {
        byte[] request = [.. s_request];
        request[at] = value;
        Assert.Equal(0, StunResponder.Answer(request, default, stackalloc byte[StunResponder.MaxLength]));
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    [InlineData("\0\0\0\0\r\n")]
    [InlineData("")]
    [InlineData("jaK")]                                                       // what a phone's router sends to keep its NAT open
    public async Task I41_keep_alives_and_padding_on_UDP_are_tolerated_in_silence(string text)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(text);
        Assert.True(await phone.IsSilentAsync());
    }

    [Fact]
    public async Task I41_line_breaks_before_a_message_and_pings_on_a_connection_are_tolerated_and_a_ping_gets_its_pong()       // RFC 3261 §7.5, RFC 5626 §4.4.1
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync("\r\n\r\n" + Request("OPTIONS"));
        Assert.Equal("OPTIONS", (await edge.Worker.RequestAsync()).Method.Name);
        using StreamPeer connected = await StreamPeer.ConnectAsync(edge.Tcp);
        await connected.SendAsync("\r\n\r\n" + Request("OPTIONS", "TCP", branch: "z9hG4bK2") + "\r\n\r\n");
        Assert.Equal("\r\n\r\n", await connected.ReceiveOctetsAsync(4));
        Assert.Equal("z9hG4bK2", (await edge.Worker.RequestAsync()).Vias[1].Branch);
    }
}
