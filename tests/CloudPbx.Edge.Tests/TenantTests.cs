using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class TenantTests
{
    private static readonly string s_token = new ContactToken(Globex.Value, 7, 1).ToString();
    private static readonly string s_strangersToken = new ContactToken(Guid.NewGuid(), 7, 1).ToString();

    [Theory]
    [InlineData("REGISTER", "sip:acme.example", "<sip:1@globex.example>;tag=1", "<sip:1@acme.example>", true)]     // REGISTER: To decides
    [InlineData("INVITE", "sip:1@globex.example", "<sip:1@acme.example>;tag=1", "<sip:1@globex.example>", true)]   // else From
    [InlineData("INVITE", "sip:1@acme.example", "<sip:1@anonymous.invalid>;tag=1", "<sip:1@x>", true)]             // else the Request-URI
    [InlineData("INVITE", "sip:1@ACME.Example.:15060", "<sip:1@elsewhere.example>;tag=1", "<sip:1@x>", true)]      // no case, no port, no final dot
    [InlineData("INVITE", "sips:1@acme.example", "<sips:1@acme.example>;tag=1", "<sips:1@acme.example>", true)]
    [InlineData("INVITE", "sip:1@127.0.0.1:15060", "<sip:alice@127.0.0.1>;tag=1", "<sip:1@127.0.0.1>", true)]      // unique user in From
    [InlineData("INVITE", "sip:1@127.0.0.1", "<sip:greta@127.0.0.1>;tag=1", "<sip:1@127.0.0.1>", false)]
    [InlineData("REGISTER", "sip:[::1]", "<sip:greta@[::1]>;tag=1", "<sip:greta@[::1]>", false)]
    [InlineData("INVITE", "sip:greta@localhost", "<sip:x@127.0.0.1>;tag=1", "<sip:greta@localhost>", false)]       // unique user in To
    [InlineData("INVITE", "sip:1@127.0.0.1", "<sip:nobody@127.0.0.1>;tag=1", "<sip:1@127.0.0.1>", true)]           // the default tenant
    [InlineData("INVITE", "tel:+4930123456", "<sip:nobody@127.0.0.1>;tag=1", "<tel:+4930123456>", true)]
    public async Task The_first_thing_that_names_a_tenant_decides(string method, string uri, string from, string to, bool acme)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request(method, uri: uri, from: from, to: to));
        Assert.Equal((acme ? Acme : Globex).Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Fact]
    public async Task Our_Contact_decides_before_all_else()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("BYE", uri: $"sip:{s_token}@127.0.0.1:5060", to: "<sip:1@acme.example>;tag=2"));
        Assert.Equal(Globex.Value, TenantOf(await edge.Worker.RequestAsync()));

        // RFC 3261 §16.4: a strict router puts its own URI into the request line and ours to the end of Route.
        await phone.SendAsync(Request("BYE", uri: "sip:127.0.0.1:5060", to: "<sip:1@acme.example>;tag=2", more: $"Route: <sip:{s_token}@127.0.0.1>\r\n", branch: "z9hG4bKb2"));
        SipRequest bye = await edge.Worker.RequestAsync();
        Assert.Equal(Globex.Value, TenantOf(bye));
        Assert.Equal(s_token, bye.RequestUri.User);

        // A token of a tenant that does not exist names nobody.
        await phone.SendAsync(Request("BYE", uri: $"sip:{s_strangersToken}@127.0.0.1:5060", to: "<sip:1@acme.example>;tag=2", branch: "z9hG4bKb3"));
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Fact]
    public async Task The_digest_user_may_name_the_tenant()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER", uri: "sip:127.0.0.1", from: "<sip:55@127.0.0.1>;tag=1", to: "<sip:55@127.0.0.1>",
            more: "Authorization: Digest realm=\"x\", username=\"greta\", nonce=\"n\"\r\n"));
        Assert.Equal(Globex.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_registered_on_a_flow_is_known_there(bool tcp)
    {
        await using TestEdge edge = await StartAsync();
        using var udp = new UdpPeer(edge.Udp);
        using StreamPeer stream = await StreamPeer.ConnectAsync(edge.Tcp);
        Func<string, Task> send = tcp ? stream.SendAsync : udp.SendAsync;
        Func<Task<string>> receive = tcp ? stream.ReceiveAsync : udp.ReceiveAsync;
        string transport = tcp ? "TCP" : "UDP";

        await send(Request("REGISTER", transport, to: "<sip:1@globex.example>"));
        SipRequest register = await edge.Worker.RequestAsync();
        edge.Worker.Send(SipResponse.For(register, 401));
        await receive();
        await send(Request("OPTIONS", transport, uri: "sip:127.0.0.1", from: "<sip:1@127.0.0.1>;tag=1", to: "<sip:1@127.0.0.1>"));
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));           // a challenge proves nothing

        edge.Worker.Send(SipResponse.For(register, 200));
        await receive();
        await send(Request("OPTIONS", transport, uri: "sip:127.0.0.1", from: "<sip:1@127.0.0.1>;tag=1", to: "<sip:1@127.0.0.1>", branch: "z9hG4bKb3"));
        Assert.Equal(Globex.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData("sip:1@gmail.example", "<sip:1@elsewhere.example>;tag=1")]
    [InlineData("sip:alice@gmail.example", "<sip:alice@elsewhere.example>;tag=1")]      // a user's name does not make a foreign domain ours
    [InlineData("sip:gmail.example", "<sip:1@127.0.0.1>;tag=1")]
    public async Task A_foreign_domain_gets_404_and_is_not_relayed(string uri, string from)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE", uri: uri, from: from, to: $"<{uri}>"));
        string answer = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 404 Not Found\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(";tag=", answer[answer.IndexOf("To:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task Without_a_default_tenant_an_address_alone_gets_404()
    {
        await using TestEdge edge = await StartAsync(defaultTenant: false);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE", uri: "sip:1@127.0.0.1", from: "<sip:1@127.0.0.1>;tag=1", to: "<sip:1@127.0.0.1>"));
        Assert.StartsWith("SIP/2.0 404 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobodyKnowsThisScheme:totallyopaquecontent")]           // RFC 4475 §3.3.2
    [InlineData("soap.beep://192.0.2.103:3002")]                         // RFC 4475 §3.3.3
    public async Task An_unknown_scheme_gets_416_where_nothing_else_names_a_tenant(string uri)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("OPTIONS", uri: uri, from: "<sip:1@elsewhere.example>;tag=1", to: "<sip:1@acme.example>"));
        Assert.StartsWith("SIP/2.0 416 ", await phone.ReceiveAsync(), StringComparison.Ordinal);

        await phone.SendAsync(Request("OPTIONS", uri: uri));                // a tenant's own user: the tenant's worker answers
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData("<sip:alice@127.0.0.1>;tag=1", true)]                    // unique user
    [InlineData("<sip:greta@127.0.0.1>;tag=1", false)]
    [InlineData("<sip:nobody@127.0.0.1>;tag=1", true)]                   // the default tenant
    public async Task S36_an_emergency_service_is_called_of_whom_the_caller_is(string from, bool acme)      // RFC 5031
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE", uri: "urn:service:sos.police", from: from, to: "<urn:service:sos.police>"));
        SipRequest invite = await edge.Worker.RequestAsync();
        Assert.Equal(((acme ? Acme : Globex).Value, "urn:service:sos.police"), (TenantOf(invite), invite.RequestUri.ToString()));
    }

    [Fact]
    public async Task A_new_directory_takes_effect_at_once()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        edge.Sources.Directory = new CloudPbx.State.Directory.DirectorySnapshot(2, [new("new.example", Globex)], [], null);
        await phone.SendAsync(Request("OPTIONS"));
        Assert.StartsWith("SIP/2.0 404 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await phone.SendAsync(Request("OPTIONS", uri: "sip:new.example"));
        Assert.Equal(Globex.Value, TenantOf(await edge.Worker.RequestAsync()));
    }
}
