using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.SharedTrunks;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>A registered trunk that two tenants share: its keeper registers the lines, the tenants call by them and are called.</summary>
public sealed class SharedLineTests : IDisposable
{
    private const string Realm = "Digest realm=\"carrier.example\", nonce=\"n1\", qop=\"auth\"";

    private readonly SharedLines _lines = new();
    private readonly TrunkId _shared = TrunkId.New();
    private readonly CarrierFixture _keeper, _acme, _other;

    public SharedLineTests() => (_keeper, _acme, _other) = (new CarrierFixture("keeper.test", tenant: new TenantId(_shared.Value)), new CarrierFixture(lines: _lines), new CarrierFixture("other.test", lines: _lines));

    [Fact]
    public async Task The_keeper_alone_registers_each_account_once_and_the_Contact_names_the_shared_trunk()
    {
        StubPhone keepers = await KeeperAsync("line-1", "line-2");
        StubPhone acmes = await TenantAsync(_acme, "+49301000"), others = await TenantAsync(_other, "+49302000");
        List<SipRequest> registers = [];
        while (registers.Count < 2)
        {
            SipRequest register = await keepers.RequestAsync(SipMethod.Register);
            if (register.Headers.Has(SipHeaderName.Authorization))
            {
                registers.Add(register);
                Grant(keepers, register);
            }
            else
            {
                keepers.Answer(register, 401, null, ("WWW-Authenticate", Realm));
            }
        }
        await _keeper.Pbx.SettleAsync();
        Assert.Equal(["sip:line-1@carrier.example", "sip:line-2@carrier.example"], registers.Select(register => register.To.Uri.ToString()).Order());
        Assert.All(registers, register =>
        {
            Assert.True(ContactToken.TryParse(register.Contacts[0].Uri.User, out ContactToken token));
            Assert.Equal((_shared.Value, ContactToken.LineLeg), (token.Tenant, token.Leg));
        });
        Assert.True(keepers.HasNothing && acmes.HasNothing && others.HasNothing);
        SharedTrunkLines told = (await KeptAsync())!;
        Assert.Equal((_shared, FakeEdge.Id, "198.51.100.1"), (told.Trunk, told.EdgeId, Assert.Single(told.Servers)));
        Assert.All(told.Lines, line => Assert.Equal((_keeper.Pbx.Time.GetUtcNow().UtcDateTime, "carrier.example"), (line.RegisteredSince, line.Realm)));
    }

    [Fact]
    public async Task What_the_carrier_says_to_one_account_is_told_of_that_one()
    {
        StubPhone keepers = await KeeperAsync("good", "bad");
        for (int i = 0; i < 2; i++)
        {
            SipRequest register = await keepers.RequestAsync(SipMethod.Register);
            if (register.To.Uri.User == "bad")
                keepers.Answer(register, 403);
            else
                Grant(keepers, register);
        }
        await _keeper.Pbx.SettleAsync();
        SharedTrunkLine[] told = [.. (await KeptAsync())!.Lines];
        Assert.Equal((true, null), (told[0].RegisteredSince is not null, told[0].FailedAt));
        Assert.Equal((null, _keeper.Pbx.Time.GetUtcNow().UtcDateTime, 403, "Forbidden"), (told[1].RegisteredSince, told[1].FailedAt, told[1].FailureStatus, told[1].FailureReason));
    }

    [Fact]
    public async Task Accounts_that_change_are_registered_anew_and_a_trunk_that_is_taken_out_is_unregistered()
    {
        StubPhone keepers = await KeeperAsync("old");
        SipRequest first = await RegisteredAsync(keepers);
        _keeper.Account("carrier", "new");
        await _keeper.ApplyAsync();
        SipRequest[] next = [await keepers.RequestAsync(SipMethod.Register), await keepers.RequestAsync(SipMethod.Register)];
        SipRequest gone = Assert.Single(next, register => register.To.Uri.User == "old");
        Assert.Equal(("0", first.Contacts[0].Uri.ToString()), (gone.Headers.Get(SipHeaderName.Expires), gone.Contacts[0].Uri.ToString()));
        Grant(keepers, Assert.Single(next, register => register.To.Uri.User == "new"));
        keepers.Answer(gone, 200);
        await _keeper.Pbx.SettleAsync();
        Assert.Equal("new", Assert.Single((await KeptAsync())!.Lines).Account);
        _keeper.Clear();
        await _keeper.ApplyAsync();
        Assert.Equal("0", (await keepers.RequestAsync(SipMethod.Register)).Headers.Get(SipHeaderName.Expires));
        Assert.Null(await KeptAsync());
    }

    [Fact]
    public async Task The_next_keeper_registers_the_same_Contact_and_its_word_counts()      // one binding at the carrier, never two
    {
        StubPhone keepers = await KeeperAsync("line");
        SipRequest first = await RegisteredAsync(keepers);
        SharedTrunkLines former = (await KeptAsync())!;
        await _keeper.Pbx.MoveAsync();
        SipRequest next = await keepers.RequestAsync(SipMethod.Register);
        Assert.Equal(first.Contacts[0].ToString(), next.Contacts[0].ToString());
        Grant(keepers, next);
        await _keeper.Pbx.SettleAsync();
        Assert.True(keepers.HasNothing);
        SharedTrunkLines later = (await KeptAsync())!;
        Assert.True(later.Epoch > former.Epoch);
        _lines.Hear([later, former with { EdgeId = 99 }], new HashSet<TrunkId> { _shared });
        await TenantAsync(_acme, "+49301000");
        Assert.Equal(FakeEdge.Id, _lines.EdgeOf(Assert.Single(_acme.Pbx.Runtime.Configuration.SharedTrunks)));
    }

    [Fact]
    public async Task A_line_whose_edge_is_gone_is_registered_by_another_and_tenants_call_by_that_one()
    {
        StubPhone keepers = await KeeperAsync("line");
        await RegisteredAsync(keepers);
        const uint another = FakeEdge.Id + 1;
        _keeper.Pbx.Edge.Living.Clear();
        _keeper.Pbx.Edge.Living.Add(another);
        await _keeper.Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));
        await _keeper.Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));
        await _keeper.Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Grant(keepers, await keepers.RequestAsync(SipMethod.Register));
        await _keeper.Pbx.SettleAsync();
        Assert.Equal(another, (await KeptAsync())!.EdgeId);

        StubPhone carrier = await TenantAsync(_acme, "+49301000");
        for (uint i = 1; i <= 60; i++)
            _acme.Pbx.Edge.Living.Add(FakeEdge.Id + i);
        await TellAsync();
        await DialAsync(await _acme.Pbx.RegisteredAsync("100"), "acme.test");
        await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(another, Assert.Single(_acme.Pbx.Edge.OpenedBy));
    }

    [Fact]
    public async Task Two_tenants_call_by_the_line_with_its_password_and_only_in_the_realm_that_the_keeper_was_challenged_in()      // S4
    {
        StubPhone keepers = await KeeperAsync("line");
        await RegisteredAsync(keepers);
        foreach ((CarrierFixture tenant, string number) in new[] { (_acme, "+49301000"), (_other, "+49302000") })
        {
            StubPhone carrier = await TenantAsync(tenant, number);
            await TellAsync();
            StubPhone phone = await tenant.Pbx.RegisteredAsync("100");
            await DialAsync(phone, tenant.Pbx.Domain);
            SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
            carrier.Answer(invite, 407, null, ("Proxy-Authenticate", Realm.Replace("carrier.example", "elsewhere.example", StringComparison.Ordinal)));      // somebody behind the carrier
            await carrier.RequestAsync(SipMethod.Ack);
            await tenant.Pbx.SettleAsync();
            Assert.True(carrier.HasNothing);
            await DialAsync(phone, tenant.Pbx.Domain);
            carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 407, null, ("Proxy-Authenticate", Realm));
            await carrier.RequestAsync(SipMethod.Ack);
            SipRequest again = await carrier.RequestAsync(SipMethod.Invite);
            Assert.Contains("username=\"line\"", again.Headers.Get(SipHeaderName.ProxyAuthorization), StringComparison.Ordinal);
            Assert.Contains(number, again.From.ToString() + again.Headers.Get(SipHeaderName.PAssertedIdentity) + again.Headers.Get(SipHeaderName.PPreferredIdentity), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                                 // the call itself woke the tenant: nobody has told its worker of the line
    public async Task A_call_to_the_lines_Contact_reaches_the_tenants_number_from_the_registrar_only(bool told)
    {
        StubPhone keepers = await KeeperAsync("line");
        string contact = (await RegisteredAsync(keepers)).Contacts[0].Uri.ToString();
        StubPhone carrier = await TenantAsync(_acme, "+49301000");
        if (told)
            await TellAsync();
        StubPhone bob = await _acme.Pbx.RegisteredAsync("101");
        StubPhone stranger = _acme.Pbx.Phone("stranger", SipTransport.Udp, address: "203.0.113.1");
        stranger.Send(stranger.Request(SipMethod.Invite, contact, "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);                  // the token is no secret
        carrier.Send(carrier.Request(SipMethod.Invite, contact, "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        await bob.RequestAsync(SipMethod.Invite);
    }

    [Fact]
    public async Task A_registrar_that_calls_the_number_and_not_the_Contact_is_believed_as_well()      // I10
    {
        StubPhone carrier = await TenantAsync(_acme, "+49301000");
        StubPhone bob = await _acme.Pbx.RegisteredAsync("101");
        carrier.Send(carrier.Request(SipMethod.Invite, "sip:49301000@acme.test", "v=0 offer", ("To", "<sip:+49301000@carrier.example>")));
        await bob.RequestAsync(SipMethod.Invite);
    }

    [Fact]
    public async Task A_tenant_sees_whether_the_line_is_registered_and_not_whose_it_is()
    {
        StubPhone keepers = await KeeperAsync("line");
        await TenantAsync(_acme, "+49301000");
        TrunkStatusLine line = Assert.Single(Assert.Single(await _acme.Pbx.Runtime.TrunksAsync()).Lines);
        Assert.Equal(("", null), (line.Account, line.RegisteredSince));
        await RegisteredAsync(keepers);
        await TellAsync();
        line = Assert.Single(Assert.Single(await _acme.Pbx.Runtime.TrunksAsync()).Lines);
        Assert.Equal(("", _keeper.Pbx.Time.GetUtcNow().UtcDateTime), (line.Account, line.RegisteredSince));
    }

    [Fact]
    public void What_a_keeper_told_counts_until_another_tells_and_is_forgotten_where_nobody_uses_it()
    {
        TrunkSettings trunk = new() { Id = TrunkId.New(), Name = "copy", Shared = _shared, Kind = TrunkKind.Registered, Server = new TrunkServer("carrier.example"), Profile = TrunkProfiles.Find(TrunkProfiles.DefaultName)! };
        HashSet<TrunkId> wanted = [_shared];
        _lines.Hear([new SharedTrunkLines(_shared, 1) { EdgeId = 5, Servers = ["198.51.100.1", "nonsense"] }], wanted);
        _lines.Hear([], wanted);
        Assert.Equal((5u, true), (_lines.EdgeOf(trunk), _lines.IsServer(trunk, System.Net.IPAddress.Parse("198.51.100.1"))));
        _lines.Hear([], new HashSet<TrunkId>());
        Assert.Equal((null, false), (_lines.EdgeOf(trunk), _lines.KnowsServersOf(trunk)));
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _acme.Dispose();
        _other.Dispose();
    }

    private async Task<StubPhone> KeeperAsync(params string[] accounts)
    {
        StubPhone carrier = _keeper.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, shared: _shared);
        _keeper.Account("carrier", accounts);
        await _keeper.ApplyAsync();
        return carrier;
    }

    /// <summary>Gives a tenant its copy and one number of it, which rings at 101.</summary>
    private async Task<StubPhone> TenantAsync(CarrierFixture tenant, string number)
    {
        StubPhone carrier = tenant.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "line", shared: _shared);
        tenant.Number(number, "101", "carrier");
        tenant.Outside = tenant.Outside with { CallerNumber = number };
        await tenant.ApplyAsync();
        return carrier;
    }

    private async Task<SipRequest> RegisteredAsync(StubPhone carrier)
    {
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), 401, null, ("WWW-Authenticate", Realm));
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        Grant(carrier, register);
        await _keeper.Pbx.SettleAsync();
        return register;
    }

    private Task<SharedTrunkLines?> KeptAsync() => _keeper.Pbx.Runtime.Scheduler.RunAsync(() => SharedTrunkReporter.KeptBy(_keeper.Pbx.Runtime));

    private async Task TellAsync() => _lines.Hear([(await KeptAsync())!], new HashSet<TrunkId> { _shared });

    private static void Grant(StubPhone carrier, SipRequest register) => carrier.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires=3600"));

    private static async Task DialAsync(StubPhone phone, string domain)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:9+4989222@{domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge;
        do
            challenge = await phone.ResponseAsync();
        while (challenge.CallId != invite.CallId);
        phone.Ack(invite, challenge);
        phone.Send(phone.Again(invite, challenge));
    }
}
