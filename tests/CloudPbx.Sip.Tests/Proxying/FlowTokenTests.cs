using System.Net;
using System.Text;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CsCheck;

namespace CloudPbx.Sip.Tests.Proxying;

public class FlowTokenTests
{
    private static readonly EdgeKey s_key = new(new byte[32]);

    private static readonly Gen<FlowToken> s_tokens = Gen.Select(
        Gen.UInt, Gen.Enum<SipTransport>(), Gen.ULong, Gen.Byte, Gen.Bool, Gen.Byte.Array[16], Gen.UShort,
        Gen.OneOf(Gen.Const("192.0.2.1"), Gen.Const("2001:db8::1"), Gen.Const("edge.example.com"))).Select(
        (edge, transport, connection, listener, ipv6, address, port, host) => new FlowToken
        {
            EdgeId = edge,
            Transport = transport,
            ConnectionId = transport == SipTransport.Udp ? 0 : connection,
            Listener = listener,
            Remote = new InternetEndPoint(ipv6 ? address : address.AsSpan(0, 4), port, ipv6 && port % 3 == 0 ? edge : 0),
            AdvertisedHost = host,
            AdvertisedPort = 5060,
            ServerName = transport == SipTransport.Tls && port % 2 == 0 ? "acme.example" : null,
            ProvedSource = transport == SipTransport.Tls && port % 4 < 2 ? new UInt128(connection, port) : 0,
        });

    [Fact]
    public void A_written_token_is_read_as_it_was() => s_tokens.Sample(token =>
    {
        string text = token.ToString(s_key);
        Assert.True(FlowToken.TryParse(text, s_key, out FlowToken read));
        Assert.Equal(token, read);
        Assert.True(FlowToken.TryRead(text, out read));
        Assert.Equal(token, read);
    }, iter: 2000);

    [Fact]
    public void A_changed_character_spoils_the_token() => Gen.Select(s_tokens, Gen.Int[0, 10_000], Gen.Char["ABCabc019-_"]).Sample((token, at, c) =>
    {
        StringBuilder text = new(token.ToString(s_key));
        int index = at % text.Length;
        if (text[index] == c)
            return;
        text[index] = c;
        Assert.False(FlowToken.TryParse(text.ToString(), s_key, out _));
    }, iter: 2000);

    [Fact]
    public void Another_installations_token_is_refused()
    {
        FlowToken token = s_tokens.Single();
        Assert.False(FlowToken.TryParse(token.ToString(EdgeKey.CreateRandom()), s_key, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("=")]
    [InlineData(" AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_token_is_refused(string text)
    {
        Assert.False(FlowToken.TryParse(text, s_key, out _));
        Assert.False(FlowToken.TryRead(text, out _));
    }

    [Fact]
    public void Random_text_never_throws() =>
        Gen.String[Gen.Char["ABCDEFghijkl0123-_=+/ \r\n\0é"], 0, 400].Sample(text =>
        {
            Assert.False(FlowToken.TryParse(text, s_key, out _));
            _ = FlowToken.TryRead(text, out _);
        }, iter: 5000);

    [Fact]
    public void A_token_stands_in_a_URI_and_in_a_Via_as_it_is()
    {
        // RFC 3261 §25.1: base64url's alphabet lies within user's and token's, so nothing is ever escaped.
        foreach (char c in s_tokens.Single().ToString(s_key))
            Assert.True(char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    [Fact]
    public void The_longest_names_fit()
    {
        var token = new FlowToken
        {
            EdgeId = uint.MaxValue,
            Transport = SipTransport.Tls,
            ConnectionId = ulong.MaxValue,
            Remote = InternetEndPoint.From(IPEndPoint.Parse("[fe80::1%3]:65535")),
            AdvertisedHost = new string('h', FlowToken.MaxNameLength),
            AdvertisedPort = 65535,
            ServerName = new string('n', FlowToken.MaxNameLength),
            ProvedSource = UInt128.MaxValue,
        };
        string text = token.ToString(s_key);
        Assert.True(text.Length <= FlowToken.MaxLength);
        Assert.True(FlowToken.TryParse(text, s_key, out FlowToken read));
        Assert.Equal(token, read);
        Assert.Null(Read(token with { ServerName = token.ServerName + "x" }).ServerName);
    }

    [Fact]
    public void A_short_flow_has_a_short_token()
    {
        var token = new FlowToken
        {
            EdgeId = 1,
            Transport = SipTransport.Udp,
            Remote = InternetEndPoint.From(IPEndPoint.Parse("192.0.2.2:5060")),
            AdvertisedHost = "192.0.2.1",
            AdvertisedPort = 5060,
        };
        Assert.InRange(token.ToString(s_key).Length, 1, 50);        // I42: requests must stay below 1300 octets
    }

    private static FlowToken Read(FlowToken token) => FlowToken.TryParse(token.ToString(s_key), s_key, out FlowToken read) ? read : throw new InvalidOperationException();
}
