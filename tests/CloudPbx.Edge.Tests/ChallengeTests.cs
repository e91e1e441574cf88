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

/// <summary>REGISTER without credentials is challenged by the edge (RFC 3261 §10.3 step 3), where it knows the tenant to be awake; INVITE (§22.3) where it knows that a phone is there.</summary>
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
    [InlineData("OPTIONS", "<sip:100@acme.example>", "", false)]
    public void All_else_is_the_workers(string method, string to, string more, bool here)
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        Assert.Equal(here, MayChallenge(challenger, TestEdge.Directory(Acme), Request(method, to: to, more: more)));
    }

    [Theory]
    [InlineData("INVITE", "<sip:100@acme.example>;tag=f1", "", true, true)]
    [InlineData("INVITE", "<sip:100@acme.example>;tag=f1", "", false, false)]  // a carrier's, it may be: the worker knows their addresses best
    [InlineData("INVITE", "<sip:100@globex.example>;tag=f1", "", true, false)] // nobody of that tenant was let in
    [InlineData("INVITE", "<sip:100@127.0.0.1>;tag=f1", "", true, false)]       // the worker knows which domain is the realm
    [InlineData("INVITE", "<sip:100@acme.example>;tag=f1", "Require: 100rel\r\n", true, false)]
    [InlineData("INVITE", "<sip:100@acme.example>;tag=f1", "User-Agent: CloudPbx Browser\r\n", true, false)]
    [InlineData("INVITE", "<sip:100@acme.example>;tag=f1", "Proxy-Authorization: Digest username=\"100\"\r\n", true, false)]
    [InlineData("SUBSCRIBE", "<sip:100@acme.example>;tag=f1", "", true, false)]
    public void Calls_of_phones_are_challenged_in_the_domain_that_From_names(string method, string from, string more, bool isPhone, bool here)
    {
        Challenger challenger = new(TimeProvider.System);
        challenger.Authenticated(Acme.Value);
        Assert.Equal(here, MayChallenge(challenger, TestEdge.Directory(Acme), Request(method, from: from, to: "<sip:200@elsewhere.example>", more: more), isPhone));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task A_phones_call_hears_407_from_the_edge_once_it_has_registered_or_was_challenged_there(bool tcp, bool registers)
    {
        await using TestEdge edge = await StartAsync();
        using var udp = new UdpPeer(edge.Udp);
        using StreamPeer stream = await StreamPeer.ConnectAsync(edge.Tcp);
        Func<string, Task> send = tcp ? stream.SendAsync : udp.SendAsync;
        Func<Task<string>> receive = tcp ? stream.ReceiveAsync : udp.ReceiveAsync;
        string transport = tcp ? "TCP" : "UDP", to = "<sip:200@acme.example>";
        DigestServer worker = new(edge.Sources.Secret, new DigestServerOptions(), TimeProvider.System);

        async Task ByWorkerAsync(string method, int status, string branch)
        {
            await send(Request(method, transport, branch: branch, to: registers ? "<sip:100@acme.example>" : to));
            edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), status));
            Assert.StartsWith($"SIP/2.0 {status}", await receive(), StringComparison.Ordinal);
        }

        if (registers)
        {
            await ByWorkerAsync("REGISTER", 200, "z9hG4bKr1");
        }
        else
        {
            await ByWorkerAsync("INVITE", 407, "z9hG4bKi1");                    // a stranger's yet
            await ByWorkerAsync("INVITE", 200, "z9hG4bKi2");                    // its credentials were right; or it is a carrier's call that none were asked for
            await ByWorkerAsync("INVITE", 407, "z9hG4bKi3");                    // no carrier's
        }

        await send(Request("INVITE", transport, branch: "z9hG4bKc1", callId: "c2", to: to));
        string text = await receive();
        Assert.StartsWith("SIP/2.0 407 Proxy Authentication Required\r\n", text, StringComparison.Ordinal);
        var challenge = (SipResponse)Parse(text);
        Assert.Null(challenge.Headers.Get(SipHeaderName.WwwAuthenticate));      // §22.3
        SipRequest again = (SipRequest)Parse(Request("INVITE", transport, branch: "z9hG4bKc2", callId: "c2", to: to));
        Assert.True(DigestClient.ForRealm("acme.example", new DigestAccount("100", DigestSecret.FromPassword(Password)), () => "cnonce").TryAuthorize(again, challenge));

        await send(Request("ACK", transport, branch: "z9hG4bKc1", callId: "c2", to: $"{to};tag={challenge.To.Tag}"));            // §17.1.1.3, and it ends here
        await send(Encoding.UTF8.GetString(again.ToBytes()));
        SipRequest authorized = await edge.Worker.RequestAsync();
        Assert.Equal("z9hG4bKc2", authorized.Vias[1].Branch);
        Assert.Equal(DigestVerdict.Accepted, worker.Verify(authorized, DigestServer.FindCredentials(authorized, "acme.example", proxy: true)!, "acme.example", DigestSecret.FromPassword(Password), s_loopback));

        await send(Request("INVITE", transport, branch: "z9hG4bKd1", callId: "c2", to: $"{to};tag=t1"));                         // in a dialog it is not asked again
        Assert.Equal("z9hG4bKd1", (await edge.Worker.RequestAsync()).Vias[1].Branch);
    }

    [Fact]
    public async Task A_carrier_that_the_worker_knows_by_a_name_is_never_asked()       // nobody told the edge: its call was let in, and nothing was challenged
    {
        await using TestEdge edge = await StartAsync();
        using var carrier = new UdpPeer(edge.Udp);
        foreach (string branch in (string[])["z9hG4bKi1", "z9hG4bKi2"])
        {
            await carrier.SendAsync(Request("INVITE", branch: branch, from: "<sip:+4930100@acme.example>;tag=f1"));
            SipRequest call = await edge.Worker.RequestAsync();
            Assert.Equal(branch, call.Vias[1].Branch);
            edge.Worker.Send(SipResponse.For(call, 200));
            await carrier.ReceiveAsync();
        }
    }

    [Fact]
    public async Task A_phone_with_accounts_of_two_tenants_is_one_of_each()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        async Task CallAsync(string domain, int status, string branch)
        {
            await phone.SendAsync(Request("INVITE", branch: branch, from: $"<sip:100@{domain}>;tag=f1", to: $"<sip:200@{domain}>", uri: $"sip:200@{domain}"));
            SipRequest call = await edge.Worker.RequestAsync();
            Assert.Equal(branch, call.Vias[1].Branch);
            edge.Worker.Send(SipResponse.For(call, status));
            await phone.ReceiveAsync();
        }

        await CallAsync("acme.example", 200, "z9hG4bKa1");
        await CallAsync("globex.example", 200, "z9hG4bKg1");
        await CallAsync("acme.example", 407, "z9hG4bKa2");
        await CallAsync("globex.example", 407, "z9hG4bKg2");                    // the same number: what the other one's worker decided does not count
        foreach (string domain in (string[])["acme.example", "globex.example"])
        {
            await phone.SendAsync(Request("INVITE", branch: "z9hG4bK" + domain[0], from: $"<sip:100@{domain}>;tag=f1", to: $"<sip:200@{domain}>", uri: $"sip:200@{domain}"));
            Assert.Contains($"Proxy-Authenticate: Digest realm=\"{domain}\"", await phone.ReceiveAsync(), StringComparison.Ordinal);
        }
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
            if (SipMessageView.Parse(request, out SipMessageView view) != SipParseError.None || !challenger.MayChallenge(view, directory, Acme.Value, isPhone: false, out ReadOnlySpan<byte> realm)
                || StatelessResponse.Write(view, 401, "Unauthorized", peer, key, answer, field: field[..challenger.Write(view, nonces, realm, peer, field)]) == 0)
                throw new InvalidOperationException();
        }
        for (int i = 0; i < 1000; i++)
            Challenge();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Challenge();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    private static bool MayChallenge(Challenger challenger, DirectorySnapshot directory, string request, bool isPhone = false)
    {
        Assert.Equal(SipParseError.None, SipMessageView.Parse(Encoding.UTF8.GetBytes(request), out SipMessageView view));
        var index = new DirectoryIndex(directory, ["localhost"]);
        return TenantFinder.Find(view, index, null, null, out Guid tenant, out _) == TenantVerdict.Found && challenger.MayChallenge(view, index, tenant, isPhone, out _);
    }

    private static SipMessage Parse(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out SipMessage? message));
        return message!;
    }
}
