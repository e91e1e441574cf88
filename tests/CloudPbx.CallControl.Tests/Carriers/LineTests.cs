using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Lines that are registered at a carrier (RFC 3261 §10.2), message by message.</summary>
public sealed class LineTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task A_line_registers_with_its_password_and_refreshes()
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        SipRequest first = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal($"sip:carrier.example:{carrier.Remote.Port}", first.RequestUri.ToString());             // I9: the domain alone
        Assert.Equal("sip:acct@carrier.example", first.To.Uri.ToString());
        carrier.Answer(first, 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\", qop=\"auth\""));
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        Assert.Contains("username=\"acct\"", register.Headers.Get(SipHeaderName.Authorization), StringComparison.Ordinal);
        Assert.Equal("3600", register.Headers.Get(SipHeaderName.Expires));
        Grant(carrier, register, 100);
        await Pbx.SettleAsync();
        LineStatus status = Assert.Single(Pbx.Runtime.Trunks.Lines).Status;
        Assert.Equal(Pbx.Time.GetUtcNow().UtcDateTime, status.RegisteredSince);
        Assert.Equal(TimeSpan.FromSeconds(100), status.ExpiresAt - status.RegisteredSince);

        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(76));
        SipRequest refresh = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal(register.Contacts[0].ToString(), refresh.Contacts[0].ToString());                       // one binding, never two
        Assert.Equal("3600", refresh.Headers.Get(SipHeaderName.Expires));                                    // I35
        Assert.Equal(register.CallId, refresh.CallId);
    }

    [Fact]
    public async Task A_registrar_that_wants_it_gets_a_fresh_Call_ID_with_each_REGISTER()
    {
        StubPhone carrier = Line(new TrunkProfileChanges { FreshCallIdPerRegister = true, RequestUriParameters = "user=phone" });
        await _fixture.ApplyAsync();
        SipRequest first = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal("phone", first.RequestUri.Parameters["user"]);
        Grant(carrier, first, 100);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(76));
        Assert.NotEqual(first.CallId, (await carrier.RequestAsync(SipMethod.Register)).CallId);
    }

    [Fact]
    public async Task What_the_carrier_says_to_a_wrong_password_is_in_the_status_and_it_is_asked_again_later()
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), 403);
        await Pbx.SettleAsync();
        LineStatus status = Assert.Single(Pbx.Runtime.Trunks.Lines).Status;
        Assert.Equal((null, 403, "Forbidden"), (status.RegisteredSince, status.FailureStatus, status.FailureReason));
        Assert.True(carrier.HasNothing);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(31));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), 403);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(31));
        Assert.True(carrier.HasNothing);                                                 // twice as long
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(31));
        await carrier.RequestAsync(SipMethod.Register);
    }

    [Fact]
    public async Task A_registrar_that_cannot_be_found_or_reached_says_so_and_is_looked_for_again()
    {
        StubPhone carrier = Line(transport: SipTransport.Tcp);
        Pbx.Edge.Remove(carrier);
        await _fixture.ApplyAsync();
        LineStatus status = Assert.Single(Pbx.Runtime.Trunks.Lines).Status;
        Assert.Equal((0, "Connection refused"), (status.FailureStatus, status.FailureReason));
        Pbx.Edge.Add(carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(31));
        await carrier.RequestAsync(SipMethod.Register);

        Pbx.Dns.Hosts.Clear();
        _fixture.Number("+49301000");
        await _fixture.ApplyAsync();
        Assert.Equal("There is no host carrier.example", Assert.Single(Pbx.Runtime.Trunks.Lines).Status.FailureReason);
    }

    [Fact]
    public async Task A_connection_that_broke_is_registered_on_anew()
    {
        StubPhone carrier = Line(transport: SipTransport.Tcp);
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 100);
        await Pbx.SettleAsync();
        Pbx.Edge.Break(carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(76));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal(2, Pbx.Edge.Opened.Count);
    }

    [Fact]
    public async Task A_registrar_that_wants_to_be_left_in_peace_is_and_its_line_ends_with_its_binding()      // RFC 3261 §20.33, I28
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 100);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(76));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), 503, null, ("Retry-After", "300"));
        await Pbx.SettleAsync();
        TrunkLine line = Assert.Single(Pbx.Runtime.Trunks.Lines);
        Assert.True(line.IsRegistered);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(290));
        Assert.True(carrier.HasNothing);
        Assert.Equal((null, null, 503), (line.Status.RegisteredSince, line.Status.ExpiresAt, line.Status.FailureStatus));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(9));
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 100);
        await Pbx.SettleAsync();
        Assert.True(line.IsRegistered);
    }

    [Fact]
    public async Task Another_server_of_the_carrier_is_asked_at_once_while_one_wants_to_be_left_in_peace()      // RFC 3263 §4.3
    {
        StubPhone first = Line(), second = Pbx.Phone("second", SipTransport.Udp, address: "198.51.100.2", port: first.Remote.Port);
        Pbx.Dns.Hosts["carrier.example"] = [first.Remote.Address, second.Remote.Address];
        await _fixture.ApplyAsync();
        first.Answer(await first.RequestAsync(SipMethod.Register), 503, null, ("Retry-After", "300"));
        await Pbx.SettleAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        second.Answer(await second.RequestAsync(SipMethod.Register), 503);
        await Pbx.SettleAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromMinutes(2));
        await second.RequestAsync(SipMethod.Register);
        Assert.True(first.HasNothing);
    }

    [Fact]
    public async Task A_line_whose_edge_is_gone_registers_by_another_one_at_once_and_a_link_that_broke_for_a_moment_is_nothing()      // the carrier would call an edge that is not there
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 3600);
        await Pbx.SettleAsync();
        Pbx.Edge.Living.Clear();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));
        Pbx.Edge.Living.Add(FakeEdge.Id);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.True(carrier.HasNothing);
        Assert.True(Assert.Single(Pbx.Runtime.Trunks.Lines).IsRegistered);

        Pbx.Edge.Living.Clear();
        Pbx.Edge.Living.Add(FakeEdge.Id + 1);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        SipRequest again = await carrier.RequestAsync(SipMethod.Register);
        Grant(carrier, again, 3600);
        await Pbx.SettleAsync();
        Assert.True(Assert.Single(Pbx.Runtime.Trunks.Lines).IsRegistered);
        Assert.Equal(2, Pbx.Edge.Opened.Count);
    }

    [Fact]
    public async Task A_lines_calls_leave_by_the_edge_that_it_is_registered_by_when_others_come()       // carriers trust addresses and flows
    {
        StubPhone carrier = Line();
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 3600);
        StubPhone alice = await Pbx.RegisteredAsync("100");
        for (uint i = 1; i <= 60; i++)
            Pbx.Edge.Living.Add(FakeEdge.Id + i);
        Task<(SipResponse Response, SipRequest Request)> dialling = alice.DialAsync("9+4989222");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        Assert.Single(Pbx.Edge.Opened);
    }

    [Fact]
    public async Task A_binding_that_the_line_has_left_at_another_edges_address_is_removed()      // RFC 3261 §10.3: the answer lists all bindings
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        SipUri own = register.Contacts[0].Uri;
        string former = $"<sip:{own.User}@192.0.2.9:5060>";
        carrier.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires=3600, {former};expires=1800, <sip:another@192.0.2.10>;expires=60"));
        SipRequest removal = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal("0", removal.Headers.Get(SipHeaderName.Expires));
        Assert.Equal(former, Assert.Single(removal.Contacts).ToString());
        carrier.Answer(removal, 200, null, ("Contact", $"{register.Contacts[0]};expires=3600"));
        await Pbx.SettleAsync();
        Assert.True(Assert.Single(Pbx.Runtime.Trunks.Lines).IsRegistered);
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task A_registrar_that_writes_another_address_into_our_Contact_keeps_it()      // many do for who is behind a NAT
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        carrier.Answer(register, 200, null, ("Contact", $"<sip:{register.Contacts[0].Uri.User}@203.0.113.9:40000>;expires=3600"));
        await Pbx.SettleAsync();
        Assert.True(carrier.HasNothing);
        Assert.True(Assert.Single(Pbx.Runtime.Trunks.Lines).IsRegistered);
    }

    [Fact]
    public async Task A_call_to_the_lines_Contact_reaches_the_number_in_To_from_the_registrar_only()
    {
        StubPhone carrier = Line();
        _fixture.Number("+49301000", "101");
        await _fixture.ApplyAsync();
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        Grant(carrier, register, 100);
        StubPhone bob = await Pbx.RegisteredAsync("101");
        Assert.True(ContactToken.TryParse(register.Contacts[0].Uri.User, out ContactToken token));
        Assert.Equal((Pbx.Tenant.Value, ContactToken.LineLeg), (token.Tenant, token.Leg));

        string contact = register.Contacts[0].Uri.ToString();
        StubPhone stranger = Pbx.Phone("stranger", SipTransport.Udp, address: "203.0.113.1");
        stranger.Send(stranger.Request(SipMethod.Invite, contact, "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);                  // the token is no secret
        carrier.Send(carrier.Request(SipMethod.Invite, contact, "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        await bob.RequestAsync(SipMethod.Invite);
    }

    [Theory]
    [InlineData("198.51.100.77", true)]
    [InlineData("198.51.100.129", false)]
    public async Task A_carrier_that_calls_from_an_address_beside_its_registrar_is_believed_where_the_trunk_names_it(string address, bool believed)      // I10
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct", sources: ["198.51.100.64/26"]);
        _fixture.Number("+49301000", "101");
        await _fixture.ApplyAsync();
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        Grant(carrier, register, 100);
        StubPhone bob = await Pbx.RegisteredAsync("101");
        StubPhone sender = Pbx.Phone("sender", SipTransport.Udp, address: address);
        sender.Send(sender.Request(SipMethod.Invite, register.Contacts[0].Uri.ToString(), "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        if (believed)
            await bob.RequestAsync(SipMethod.Invite);
        else
            Assert.Equal(407, (await sender.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task A_line_that_is_taken_out_is_unregistered()
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 100);
        await Pbx.SettleAsync();
        _fixture.Clear();
        await _fixture.ApplyAsync();
        Assert.Equal("0", (await carrier.RequestAsync(SipMethod.Register)).Headers.Get(SipHeaderName.Expires));
        Assert.Empty(Pbx.Runtime.Trunks.Lines);
    }

    [Fact]
    public async Task The_next_owner_registers_the_same_contact_so_that_there_is_one_registration_whatever_restarts()      // RFC 3261 §10.3: equal contacts are one binding
    {
        StubPhone carrier = Line();
        await _fixture.ApplyAsync();
        SipRequest first = await carrier.RequestAsync(SipMethod.Register);
        Grant(carrier, first, 3600);
        await Pbx.SettleAsync();
        await Pbx.MoveAsync();
        SipRequest next = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal(first.Contacts[0].ToString(), next.Contacts[0].ToString());
        Assert.NotEqual("0", next.Headers.Get(SipHeaderName.Expires));
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task A_tenant_with_a_line_is_never_quiet()
    {
        StubPhone carrier = Line();
        bool quiet = false;
        Pbx.Runtime.Quiet += () => quiet = true;
        await _fixture.ApplyAsync();
        Grant(carrier, await carrier.RequestAsync(SipMethod.Register), 3600);
        for (int minute = 0; minute < 20; minute++)
            await Pbx.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.False(quiet);
    }

    public void Dispose() => _fixture.Dispose();

    private StubPhone Line(TrunkProfileChanges? changes = null, SipTransport transport = SipTransport.Udp) =>
        _fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, changes, "acct", transport: transport);

    private static void Grant(StubPhone carrier, SipRequest register, int seconds) =>
        carrier.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires={seconds}"));
}
