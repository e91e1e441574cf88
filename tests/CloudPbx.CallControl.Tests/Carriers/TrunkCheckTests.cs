using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.State.SharedTrunks;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Checks of a trunk against its carrier, and what its answers suggest.</summary>
public sealed class TrunkCheckTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task A_carrier_as_it_should_be_is_good_in_every_step_and_the_test_call_is_hung_up()
    {
        StubPhone carrier = await CarrierAsync();
        Task<TrunkCheckAnswer?> check = Pbx.Runtime.CheckTrunkAsync("carrier", "+4989222");
        (SipRequest options, SipRequest invite) = await BothAsync(carrier);
        carrier.Answer(options, 200, null, ("Server", "sbc/1"));
        Assert.Equal(("+4989222", "+49301000"), (invite.RequestUri.User, invite.From.Uri.User));
        carrier.Answer(invite, 183, "v=0 early");
        carrier.Answer(invite, 200, "v=0 answer a=rtpmap:101 telephone-event/8000");
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Bye), 200);
        TrunkCheckAnswer found = (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.All(found.Steps, step => Assert.Equal(TrunkCheckOutcome.Good, step.Outcome));
        Assert.Equal(["dns", "connection", "options", "call", "call"], found.Steps.Select(step => step.Step).Order(StringComparer.Ordinal).OrderBy(step => Array.IndexOf(["dns", "connection", "options", "call"], step)));
        Assert.Contains(found.Steps, step => step.Text.Contains("183 with a session description, then 200, PCMA", StringComparison.Ordinal));
        Assert.Empty(found.Suggestions);
        Assert.Empty(Pbx.Records);                                                       // no call of anybody's
        Assert.Contains("remove 0", Pbx.Media.Commands);
    }

    [Theory]
    [InlineData(420, "Unsupported", "100rel", "rel100", "off")]
    [InlineData(403, "Warning", "399 x \"no\"", "fromUser", "{account}")]
    [InlineData(404, "Warning", "399 x \"no\"", "numbers.calledOut", "")]
    [InlineData(488, "Warning", "399 x \"no\"", "srtp", "required")]
    [InlineData(487, "Warning", "399 x \"no\"", "requestUriParameters", "user=phone")]                      // I7
    [InlineData(487, "Warning", "399 x \"no\"", "parametersInFromAndTo", "true", "user=phone")]
    [InlineData(403, "Warning", "399 x \"no\"", "requestUriParameters", "", "user=phone")]
    [InlineData(416, "Warning", "399 x \"no\"", "requestUriParameters", "", "user=phone")]
    [InlineData(604, "Warning", "399 x \"no\"", "numbers.calledOut", "")]
    public async Task A_refusal_suggests_a_setting(int status, string field, string value, string setting, string suggested, string parameters = "")
    {
        StubPhone carrier = await CarrierAsync(new TrunkProfileChanges { Rel100 = Rel100Policy.Supported, RequestUriParameters = parameters }, "acct");
        Task<TrunkCheckAnswer?> check = Pbx.Runtime.CheckTrunkAsync("carrier", "+4989222");
        (SipRequest options, SipRequest invite) = await BothAsync(carrier);
        carrier.Answer(options, 405);                                                    // a sign of life all the same
        carrier.Answer(invite, status, null, (field, value));
        while (!check.IsCompleted)
        {
            await Pbx.SettleAsync();
            while (!carrier.HasNothing)
                if (await carrier.ReceiveAsync() is SipRequest again && again.Method == SipMethod.Invite)
                    carrier.Answer(again, 486);                                          // the stack itself tries again where it can
        }
        TrunkCheckAnswer found = (await check)!;
        Assert.Contains(found.Suggestions, s => (s.Setting, s.Value) == (setting, suggested));
        Assert.DoesNotContain(found.Steps, step => step.Step == "options" && step.Outcome != TrunkCheckOutcome.Good);
    }

    [Fact]
    public async Task A_refused_PRACK_suggests_to_do_without()                           // I1
    {
        StubPhone carrier = await CarrierAsync();
        Task<TrunkCheckAnswer?> check = Pbx.Runtime.CheckTrunkAsync("carrier", "+4989222");
        (SipRequest options, SipRequest invite) = await BothAsync(carrier);
        carrier.Answer(options, 200);
        carrier.Answer(invite, 183, null, ("Require", "100rel"), ("RSeq", "1"));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Prack), 405);
        carrier.Answer(invite, 486);
        TrunkCheckAnswer found = (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        TrunkCheckSuggestion suggestion = Assert.Single(found.Suggestions);
        Assert.Equal(("rel100", "off", "PRACK got 405 Method Not Allowed."), (suggestion.Setting, suggestion.Value, suggestion.Reason));
    }

    [Fact]
    public async Task A_carrier_that_is_silent_is_said_so_in_time()
    {
        await CarrierAsync(new TrunkProfileChanges { OptionsKeepAlive = true });
        Task<TrunkCheckAnswer?> check = Pbx.Runtime.CheckTrunkAsync("carrier", "+4989222");
        for (int second = 0; second < 25 && !check.IsCompleted; second++)
            await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        TrunkCheckAnswer found = (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.Contains(found.Steps, step => step is { Step: "options", Outcome: TrunkCheckOutcome.Doubtful });
        Assert.Contains(found.Steps, step => step is { Step: "call", Outcome: TrunkCheckOutcome.Bad });
        Assert.Contains(found.Suggestions, s => s is { Setting: "optionsKeepAlive", Value: "false" });
    }

    [Theory]
    [InlineData("No certificate of ours is for teams, only for: none", "clientCertificate")]
    [InlineData("The certificate is not for sbc.carrier.example", "tlsServerName")]
    public async Task A_way_that_cannot_be_opened_is_told_in_the_edges_words(string fault, string setting)
    {
        await CarrierAsync();
        Pbx.Edge.Fault = fault;
        _fixture.Move("carrier", new TrunkServer("carrier.example", 5061, TrunkTransport.Tls));
        await _fixture.ApplyAsync();
        TrunkCheckAnswer found = (await Pbx.Runtime.CheckTrunkAsync("carrier", null).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.Contains(found.Steps, step => step is { Step: "connection", Outcome: TrunkCheckOutcome.Bad } && step.Text.EndsWith(fault, StringComparison.Ordinal));
        Assert.Contains(found.Suggestions, s => s.Setting == setting);
    }

    [Theory]
    [InlineData(401, "accounts", "")]
    [InlineData(403, "accounts", "")]
    [InlineData(407, "accounts", "")]
    [InlineData(400, "freshCallIdPerRegister", "true")]
    [InlineData(404, "freshCallIdPerRegister", "true")]
    [InlineData(482, "freshCallIdPerRegister", "true")]
    [InlineData(488, "freshCallIdPerRegister", "true")]
    [InlineData(500, "freshCallIdPerRegister", "true")]
    [InlineData(404, null, null, true)]                                                  // it is so already
    [InlineData(503, null, null)]                                                        // no setting of ours mends that
    public async Task A_registration_that_is_refused_is_told_in_the_carriers_words_and_suggests_a_setting(int status, string? setting, string? value, bool fresh = false)
    {
        StubPhone carrier = await RegistrarAsync(fresh);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), status);
        TrunkCheckAnswer found = await CheckAsync(carrier);
        TrunkCheckStep step = Assert.Single(found.Steps, step => step.Step == "registration");
        Assert.Equal((TrunkCheckOutcome.Bad, $"acct: not registered, the last word was {status} {SipResponse.For(carrier.Request(SipMethod.Options, "sip:a@b"), status).ReasonPhrase}"), (step.Outcome, step.Text));
        Assert.Equal(setting is null ? [] : [(setting, value)], found.Suggestions.Select(s => (s.Setting, (string?)s.Value)));
    }

    [Fact]
    public async Task A_line_that_is_registered_is_good_and_one_that_has_no_answer_yet_is_not()
    {
        StubPhone carrier = await RegistrarAsync();
        SipRequest register = await carrier.RequestAsync(SipMethod.Register);
        Assert.Equal((TrunkCheckOutcome.Bad, "acct: not registered"), await RegistrationAsync());
        carrier.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires=3600"));
        await Pbx.SettleAsync();
        Assert.Equal((TrunkCheckOutcome.Good, "acct: registered since 2026-11-23 08:00:00 UTC"), await RegistrationAsync());

        async Task<(TrunkCheckOutcome, string)> RegistrationAsync()
        {
            TrunkCheckStep step = Assert.Single((await CheckAsync(carrier)).Steps, step => step.Step == "registration");
            return (step.Outcome, step.Text);
        }
    }

    [Fact]
    public async Task A_registrar_that_was_not_reached_is_told_without_a_status()
    {
        _fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct");
        Pbx.Dns.Hosts.Clear();
        await _fixture.ApplyAsync();
        TrunkCheckAnswer found = (await Pbx.Runtime.CheckTrunkAsync("carrier", null).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.Equal("acct: not registered, the last word was There is no host carrier.example", Assert.Single(found.Steps, step => step.Step == "registration").Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shared_trunks_account_and_what_the_carrier_said_of_it_are_its_owners_alone(bool registered)      // S23
    {
        SharedLines lines = new();
        TrunkId shared = TrunkId.New();
        using CarrierFixture tenant = new(lines: lines);
        StubPhone carrier = tenant.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "canary", shared: shared);
        await tenant.ApplyAsync();
        SharedTrunkLine line = registered ? new("canary") { RegisteredSince = DateTime.UnixEpoch } : new("canary") { FailedAt = DateTime.UnixEpoch, FailureStatus = 403, FailureReason = "canary" };
        lines.Hear([new SharedTrunkLines(shared, 1) { EdgeId = FakeEdge.Id, Servers = ["198.51.100.1"], Lines = [line] }], new HashSet<TrunkId> { shared });
        Task<TrunkCheckAnswer?> check = tenant.Pbx.Runtime.CheckTrunkAsync("carrier", null);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Options), 200);
        TrunkCheckAnswer found = (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        TrunkCheckStep step = Assert.Single(found.Steps, step => step.Step == "registration");
        Assert.Equal((registered ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Bad, registered ? "A line of your provider's is registered" : "A line of your provider's is not registered"), (step.Outcome, step.Text));
        Assert.DoesNotContain(found.Steps, step => step.Text.Contains("canary", StringComparison.Ordinal));
        Assert.Empty(found.Suggestions);
    }

    [Fact]
    public async Task A_shared_trunks_keeper_tells_its_owner_of_each_account_and_calls_a_number()
    {
        TrunkId shared = TrunkId.New();
        using CarrierFixture keeper = new(tenant: new TenantId(shared.Value));
        StubPhone carrier = keeper.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "line", shared: shared);
        keeper.Outside = new();
        await keeper.ApplyAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Register), 403);
        await keeper.Pbx.SettleAsync();
        Task<TrunkCheckAnswer?> check = keeper.Pbx.Runtime.CheckTrunkAsync("carrier", "+4989222");
        (SipRequest options, SipRequest invite) = await BothAsync(carrier);
        carrier.Answer(options, 200);
        carrier.Answer(invite, 486);
        await carrier.RequestAsync(SipMethod.Ack);
        TrunkCheckAnswer found = (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.Equal("line: not registered, the last word was 403 Forbidden", Assert.Single(found.Steps, step => step.Step == "registration").Text);
        Assert.Equal(TrunkCheckOutcome.Good, Assert.Single(found.Steps, step => step.Step == "call").Outcome);
    }

    [Fact]
    public async Task Without_a_number_nobody_is_called_and_a_name_that_leads_nowhere_is_said()
    {
        await CarrierAsync();
        Pbx.Dns.Hosts.Clear();
        TrunkCheckAnswer found = (await Pbx.Runtime.CheckTrunkAsync("carrier", null).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
        Assert.Equal(("dns", TrunkCheckOutcome.Bad), (found.Steps[0].Step, found.Steps[0].Outcome));
        Assert.Null(await Pbx.Runtime.CheckTrunkAsync("unknown", null));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<StubPhone> CarrierAsync(TrunkProfileChanges? changes = null, string? account = null)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: changes, account: account);
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return carrier;
    }

    private async Task<StubPhone> RegistrarAsync(bool fresh = false)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct", changes: new TrunkProfileChanges { FreshCallIdPerRegister = fresh });
        await _fixture.ApplyAsync();
        return carrier;
    }

    private async Task<TrunkCheckAnswer> CheckAsync(StubPhone carrier)
    {
        await Pbx.SettleAsync();
        Task<TrunkCheckAnswer?> check = Pbx.Runtime.CheckTrunkAsync("carrier", null);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Options), 200);
        return (await check.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken))!;
    }

    // They leave at once, in any order.
    private static async Task<(SipRequest Options, SipRequest Invite)> BothAsync(StubPhone carrier)
    {
        SipRequest a = (SipRequest)await carrier.ReceiveAsync(), b = (SipRequest)await carrier.ReceiveAsync();
        return a.Method == SipMethod.Options ? (a, b) : (b, a);
    }
}
