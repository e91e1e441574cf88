using System.Net;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Tests;

public class FlowTokensTests
{
    private readonly EdgeIdentity _identity = new();

    public FlowTokensTests() => _identity.Use(RandomNumberGenerator.GetBytes(EdgeKey.SecretLength));

    [Fact]
    public void A_token_that_was_verified_once_makes_no_other_text_true()
    {
        FlowTokens tokens = new(_identity, new OpenFlows(_identity));
        byte[] text = Encoding.ASCII.GetBytes(Token(_identity.Id).ToString(_identity.Key));
        for (int i = 0; i < 3; i++)
            Assert.True(IsTrue(tokens, text));
        byte[] forged = [.. text];
        forged[^1] = forged[^1] == 'A' ? (byte)'B' : (byte)'A';
        Assert.False(IsTrue(tokens, forged));
        Assert.False(IsTrue(tokens, Encoding.ASCII.GetBytes(Token(_identity.Id).ToString(EdgeKey.CreateRandom()))));
        Assert.True(IsTrue(tokens, text));
    }

    [Fact]
    public void A_token_of_another_edge_is_true_and_does_not_become_ours()
    {
        FlowTokens tokens = new(_identity, new OpenFlows(_identity));
        byte[] theirs = Encoding.ASCII.GetBytes(Token(_identity.Id + 1).ToString(_identity.Key));
        byte[] ours = Encoding.ASCII.GetBytes(Token(_identity.Id).ToString(_identity.Key));
        Assert.True(IsTrue(tokens, theirs));
        Assert.True(IsTrue(tokens, ours));
        Assert.True(IsTrue(tokens, theirs));
    }

    private static bool IsTrue(FlowTokens tokens, byte[] text) => tokens.TryRead(text, stackalloc byte[256], out _);

    private static FlowToken Token(uint edge) => new()
    {
        EdgeId = edge,
        Transport = SipTransport.Udp,
        Remote = InternetEndPoint.From(IPEndPoint.Parse("192.0.2.1:5060")),
        AdvertisedHost = "198.51.100.1",
        AdvertisedPort = 5060,
    };
}
