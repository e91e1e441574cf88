using System.Collections.Frozen;
using System.Net;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using Microsoft.Extensions.Time.Testing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>REGISTER without credentials is challenged by the edge (RFC 3261 §10.3 step 3), where it knows the tenant to be awake.</summary>
public class ChallengeTests
{
    private const string Password = "secret";
    private static readonly UInt128 s_loopback = BanSource.From(IPAddress.Loopback).Bits;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_brings_no_credentials_hears_401_from_the_edge_and_a_worker_knows_the_nonce(bool tcp)
    {
        await using TestEdge edge = await StartAsync();
        using var udp = new UdpPeer(edge.Udp);
        using StreamPeer stream = await StreamPeer.ConnectAsync(edge.Tcp);
        Func<string, Task> send = tcp ? stream.SendAsync : udp.SendAsync;
        Func<Task<string>> receive = tcp ? stream.ReceiveAsync : udp.ReceiveAsync;
        string transport = tcp ? "TCP" : "UDP";
        DigestServer worker = new(edge.Sources.Secret, new DigestServerOptions(), TimeProvider.System);

        await send(Request("REGISTER", transport));                             // nobody has been let in yet: the worker's to challenge
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200", await receive(), StringComparison.Ordinal);

        await send(Request("REGISTER", transport, branch: "z9hG4bKb2", callId: "c2", to: "<sip:100@ACME.example>"));
        string text = await receive();
        Assert.StartsWith("SIP/2.0 401 Unauthorized\r\n", text, StringComparison.Ordinal);
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out SipMessage? parsed));
        var challenge = (SipResponse)parsed!;
        Assert.NotNull(challenge.To.Tag);                                       // §8.2.6.2
        DigestChallenge offered = Assert.Single(DigestChallenge.Parse(challenge.Headers.Get(SipHeaderName.WwwAuthenticate)));
        Assert.Equal(("acme.example", DigestAlgorithm.Md5, "auth", false), (offered.Realm, offered.Algorithm, offered.Qop, offered.Stale));

        SipRequest again = (SipRequest)Parse(Request("REGISTER", transport, branch: "z9hG4bKb3", callId: "c2"));
        Assert.True(DigestClient.ForRealm("acme.example", new DigestAccount("100", DigestSecret.FromPassword(Password)), () => "cnonce").TryAuthorize(again, challenge));
        await send(Encoding.UTF8.GetString(again.ToBytes()));
        SipRequest authorized = await edge.Worker.RequestAsync();               // and the worker has not seen the one before
        Assert.Equal("z9hG4bKb3", authorized.Vias[1].Branch);
        DigestCredentials credentials = DigestServer.FindCredentials(authorized, "acme.example")!;
        DigestSecret secret = DigestSecret.FromPassword(Password);
        Assert.Equal(DigestVerdict.Stale, worker.Verify(authorized, credentials, "acme.example", secret, s_loopback + 1));     // S5: it was given to somebody else
        Assert.Equal(DigestVerdict.Accepted, worker.Verify(authorized, credentials, "acme.example", secret, s_loopback));
        Assert.Equal(DigestVerdict.Stale, worker.Verify(authorized, credentials, "acme.example", secret, s_loopback));         // S5: once
    }

    [Theory]
    [InlineData("REGISTER", "<sip:100@acme.example>", "", true)]
    [InlineData("REGISTER", "<sip:100@Acme.Example>", "User-Agent: baresip v1\r\n", true)]
    [InlineData("REGISTER", "<sip:100@globex.example>", "", false)]             // nobody of that tenant was let in: its 100 is not ours
    [InlineData("REGISTER", "<sip:alice@127.0.0.1>", "", false)]                // the worker knows which domain is the realm
    [InlineData("REGISTER", "<sip:100@acme.example.>", "", false)]
    [InlineData("REGISTER", "<tel:+4930100>", "", false)]                       // 400
    [InlineData("REGISTER", "<sip:100@acme.example>", "Authorization: Digest username=\"100\"\r\n", false)]
    [InlineData("REGISTER", "<sip:100@acme.example>", "Proxy-Authorization: Digest username=\"100\"\r\n", false)]
    [InlineData("REGISTER", "<sip:100@acme.example>", "Require: gruu\r\n", false)]             // 420
    [InlineData("REGISTER", "<sip:100@acme.example>", "User-Agent: CloudPbx Browser\r\n", false)]      // SHA-256 is for those that cope, RFC 8760
    [InlineData("INVITE", "<sip:100@acme.example>", "", false)]
    [InlineData("OPTIONS", "<sip:100@acme.example>", "", false)]
    public void All_else_is_the_workers(string method, string to, string more, bool here)
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        Assert.Equal(here, MayChallenge(challenger, TestEdge.Directory(Acme), Request(method, to: to, more: more)));
    }

    [Fact]
    public void Where_a_device_is_offered_SHA_256_the_worker_challenges()      // RFC 8760: the edge does not know the device
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        challenger.Authenticated(Globex.Value);
        DirectorySnapshot all = TestEdge.Directory(null);
        DirectorySnapshot directory = new(2, all.Domains, all.Users, null) { Sha256Tenants = new[] { Acme }.ToFrozenSet() };
        Assert.False(MayChallenge(challenger, directory, Request("REGISTER")));
        Assert.True(MayChallenge(challenger, directory, Request("REGISTER", to: "<sip:100@globex.example>")));
    }

    [Fact]
    public void A_tenant_that_may_be_asleep_is_its_workers_again()
    {
        FakeTimeProvider time = new();
        Challenger challenger = new(time);
        challenger.Authenticated(Acme.Value);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.True(MayChallenge(challenger, TestEdge.Directory(null), Request("REGISTER")));
        challenger.Authenticated(Acme.Value);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.True(MayChallenge(challenger, TestEdge.Directory(null), Request("REGISTER")));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(MayChallenge(challenger, TestEdge.Directory(null), Request("REGISTER")));
    }

    [Fact]
    public void A_tenant_that_is_gone_is_forgotten()
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        challenger.KeepOnly(new DirectoryIndex(new DirectorySnapshot(2, [new("globex.example", Globex)], [], null), []));
        Assert.False(MayChallenge(challenger, TestEdge.Directory(null), Request("REGISTER")));
    }

    [Fact]
    public void Challenging_allocates_nothing()
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        var directory = new DirectoryIndex(TestEdge.Directory(null), []);
        EdgeKey key = EdgeKey.CreateRandom();
        DigestNonces nonces = new(new byte[32]);
        byte[] request = Encoding.UTF8.GetBytes(Request("REGISTER"));
        InternetEndPoint peer = InternetEndPoint.From(new IPEndPoint(IPAddress.Loopback, 5999));
        byte[] answer = new byte[request.Length + StatelessForwarder.Room];
        void Challenge()
        {
            Span<byte> field = stackalloc byte[Challenger.LongestField];
            if (SipMessageView.Parse(request, out SipMessageView view) != SipParseError.None || !challenger.MayChallenge(view, directory, Acme.Value, out ReadOnlySpan<byte> realm)
                || StatelessResponse.Write(view, 401, "Unauthorized", peer, key, answer, field: field[..challenger.Write(nonces, realm, peer, field)]) == 0)
                throw new InvalidOperationException();
        }
        for (int i = 0; i < 1000; i++)
            Challenge();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Challenge();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    private static bool MayChallenge(Challenger challenger, DirectorySnapshot directory, string request)
    {
        Assert.Equal(SipParseError.None, SipMessageView.Parse(Encoding.UTF8.GetBytes(request), out SipMessageView view));
        var index = new DirectoryIndex(directory, ["localhost"]);
        return TenantFinder.Find(view, index, null, null, out Guid tenant, out _) == TenantVerdict.Found && challenger.MayChallenge(view, index, tenant, out _);
    }

    private static SipMessage Parse(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out SipMessage? message));
        return message!;
    }
}
