using System.Text.Json;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Limits that act before and inside calls to the outside (SECURITY.md S1), and emergency calls, which know none (S36).</summary>
public sealed class LimitTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task S1_the_longest_call_is_ended_on_both_sides_and_the_record_says_why()
    {
        StubPhone carrier = Limited(new CallLimits { MaxCallSeconds = 60 });
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.True(alice.HasNothing && carrier.HasNothing);
        await SecondsAsync(2);
        Assert.Contains("Longest call", (await alice.RequestAsync(SipMethod.Bye)).Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        await carrier.RequestAsync(SipMethod.Bye);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(("Longest call", CallParty.System, CallDisposition.Answered), (record.Reason, record.ReleasedBy, record.Disposition));
    }

    [Fact]
    public async Task S1_a_compromised_phone_stops_at_the_days_minutes_and_the_next_call_is_refused_until_the_day_is_over()
    {
        StubPhone carrier = Limited(new CallLimits { OutsideMinutesPerDay = 2 });
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        await TalkAsync(alice, carrier);
        await TalkAsync(carol, carrier);                                                 // two at once use up two minutes in one
        await SecondsAsync(62);
        await alice.RequestAsync(SipMethod.Bye);
        await carol.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.Equal(2, Pbx.Records.Count);
        Assert.Equal(403, await RefusedAsync(alice));
        Assert.Equal(403, await RefusedAsync(alice));
        Assert.Equal(                                             // each extension once an hour, however often it acts
            [("100", "limit-minutes-per-day", "ended"), ("102", "limit-minutes-per-day", "ended")],
            Pbx.News.Where(told => told.Type == EventTypes.LimitReached).Select(told => JsonSerializer.Deserialize<Dictionary<string, string>>(told.Data)!)
                .Select(data => (data["extension"], data["limit"], data["action"])).Order());
        Assert.Equal((403, "limit-minutes-per-day"), await TriedAsync("100"));
        await Pbx.AdvanceAsync(TimeSpan.FromHours(16));                                  // 00:01 UTC
        await DialAsync(alice);
        Assert.Equal(SipMethod.Invite, (await SkipToInviteAsync(carrier)).Method);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_now_for_each_caller()
    {
        StubPhone carrier = Limited(new CallLimits { MaxChannels = 2, MaxOutsideCallsPerExtension = 1 });
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        Assert.Equal(0, (await TriedAsync("100")).Status);
        await TalkAsync(alice, carrier);
        Assert.Equal((503, "limit-extension-calls"), await TriedAsync("100"));
        Assert.Equal(0, (await TriedAsync("102")).Status);
        await TalkAsync(carol, carrier);
        Assert.Equal((503, "limit-channels"), await TriedAsync("101"));
        Assert.Equal((503, "limit-channels"), await TriedAsync("+4989333", "+49301000", "carrier"));
        Assert.Equal(0, (await TriedAsync("100", "112")).Status);                        // S36
    }

    [Fact]
    public async Task S1_the_next_owner_of_the_tenant_goes_on_counting()
    {
        StubPhone carrier = Limited(new CallLimits { OutsideMinutesPerDay = 2 });
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(90));
        await Pbx.KillAsync();                                                           // inside the call
        await SecondsAsync(32);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.Equal("Minutes of the day used up", Assert.Single(Pbx.Records).Reason);
        await Pbx.KillAsync();                                                           // and after it
        Assert.Equal(403, await RefusedAsync(alice));
    }

    [Fact]
    public async Task S1_money_is_counted_by_the_rate_of_the_longest_prefix_and_stops_the_call()
    {
        StubPhone carrier = Limited(new CallLimits { MicroUnitsPerDay = 1_000_000 }, new CallRate("+49", 10_000), new CallRate("+4989", 600_000));
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier);                                                 // 0.6 a minute: 1.0 is used up after 100 s
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(98));
        Assert.True(alice.HasNothing);
        await SecondsAsync(3);
        await alice.RequestAsync(SipMethod.Bye);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal("Money of the day used up", record.Reason);
        Assert.InRange(record.CostMicroUnits!.Value, 1_000_000, 1_020_000);
        Assert.Equal(403, await RefusedAsync(alice));
    }

    [Theory]
    [InlineData("+49301000")]
    [InlineData(null)]                                                                   // all of its numbers are there
    public async Task S1_a_national_number_has_the_rate_of_the_country_where_the_tenant_is(string? shown)
    {
        _fixture.Outside = new OutsideCalling { CallerNumber = shown };
        StubPhone carrier = Limited(new CallLimits { MicroUnitsPerDay = 1_000_000 }, new CallRate("+4989", 600_000));
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier, "9089222");
        await SecondsAsync(102);
        await alice.RequestAsync(SipMethod.Bye);
        Assert.Equal("Money of the day used up", (await Pbx.RecordAsync()).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]                                                                   // the next owner takes it from the snapshot
    public async Task S1_money_goes_by_the_number_that_was_dialled_whatever_the_route_makes_of_it(bool moves)
    {
        StubPhone carrier = Limited(new CallLimits { MicroUnitsPerDayPerDestination = 1_000_000 }, new CallRate("+4989", 600_000), new CallRate("0061", 1));
        _fixture.Rewrite = [new NumberRewrite { Prefix = "+", Replacement = "0061" }];   // a carrier's technical prefix
        StubPhone alice = await ReadyAsync("100");
        SipRequest dialled = await DialAsync(alice);
        SipRequest invite = await SkipToInviteAsync(carrier);
        Assert.Equal("00614989222", invite.RequestUri.User);
        carrier.Answer(invite, 200, "v=0 answer");
        alice.Ack(dialled, await alice.FinalAsync());
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        if (moves)
            await Pbx.MoveAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(98));                                // 0.6 a minute: 1.0 is used up after 100 s
        Assert.True(alice.HasNothing);
        await SecondsAsync(3);
        await alice.RequestAsync(SipMethod.Bye);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal("Money for DE used up", record.Reason);
        Assert.InRange(record.CostMicroUnits!.Value, 1_000_000, 1_020_000);
        Assert.Equal((403, "limit-destination-money-per-day"), await TriedAsync("100"));
    }

    [Fact]
    public async Task S1_the_money_of_a_destination_ends_and_refuses_the_calls_there_alone_whatever_their_rate()
    {
        StubPhone carrier = Limited(
            new CallLimits { MicroUnitsPerDayPerDestination = 1_000_000, AllowAllCountries = true }, new CallRate("+49", 600_000), new CallRate("+371", 600_000), new CallRate("+3712", 1_200_000));
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        await TalkAsync(alice, carrier, "9+37122123456");                                // 1.2 a minute
        await TalkAsync(carol, carrier);                                                 // 0.6 a minute, elsewhere
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(48));
        Assert.True(alice.HasNothing);
        await SecondsAsync(3);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.True(carol.HasNothing);
        Assert.Equal("Money for LV used up", (await Pbx.RecordAsync()).Reason);
        Assert.Equal((403, "limit-destination-money-per-day"), await TriedAsync("100", "9+37167123456"));     // of another rate, in the same country
        Assert.Equal(0, (await TriedAsync("100")).Status);
        Assert.Equal(403, await RefusedAsync(alice, "9+37167123456"));
        Dictionary<string, string> told = JsonSerializer.Deserialize<Dictionary<string, string>>(Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached).Data)!;
        Assert.Equal(("limit-destination-money-per-day", "Money for LV used up", "100", "ended"), (told["limit"], told["value"], told["extension"], told["action"]));
    }

    [Fact]
    public async Task S1_the_next_owner_of_the_tenant_goes_on_counting_the_money_of_a_destination()
    {
        StubPhone carrier = Limited(new CallLimits { MicroUnitsPerDayPerDestination = 1_000_000 }, new CallRate("+49", 600_000));
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(98));
        await SecondsAsync(3);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.Equal("DE", Assert.Single(Pbx.Spent).Destination);
        await Pbx.KillAsync();
        Assert.Equal(403, await RefusedAsync(alice));
        await Pbx.AdvanceAsync(TimeSpan.FromHours(16));                                  // 00:01 UTC
        Assert.Equal(0, (await TriedAsync("100")).Status);
    }

    [Fact]
    public async Task A_call_is_charged_without_a_limit_too_and_a_number_without_rate_is_refused_only_where_money_is_limited()
    {
        StubPhone carrier = Limited(new CallLimits(), new CallRate("+1", 600_000));
        StubPhone alice = await ReadyAsync("100");
        (SipRequest invite, SipResponse answer) = await TalkAsync(alice, carrier);       // +4989222 has no rate
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        Assert.Null((await Pbx.RecordAsync()).CostMicroUnits);
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { MicroUnitsPerDay = 1_000_000 } };
        await _fixture.ApplyAsync();
        Assert.Equal(403, await RefusedAsync(alice));
    }

    [Fact]
    public async Task S1_an_extensions_own_minutes_end_its_calls_alone()
    {
        StubPhone carrier = Limited(new CallLimits { OutsideMinutesPerDayPerExtension = 1 });
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        await TalkAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(30));
        await TalkAsync(carol, carrier);
        await SecondsAsync(32);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.True(carol.HasNothing);
        Assert.Equal(403, await RefusedAsync(alice));
    }

    [Fact]
    public async Task S1_an_extensions_own_money_ends_and_refuses_its_calls_alone_and_the_administrators_hear_of_both()
    {
        StubPhone carrier = Limited(new CallLimits { MicroUnitsPerDayPerExtension = 500_000 }, new CallRate("+49", 600_000));
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        await TalkAsync(alice, carrier);                                                 // 0.6 a minute: 0.5 is used up after 50 s
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(30));
        await TalkAsync(carol, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(18));
        Assert.True(alice.HasNothing);
        await SecondsAsync(4);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.True(carol.HasNothing);
        Assert.Equal("Money of the extension used up", (await Pbx.RecordAsync()).Reason);
        Assert.Equal((403, "limit-extension-money-per-day"), await TriedAsync("100"));
        Assert.Equal(0, (await TriedAsync("102")).Status);
        Assert.Equal(403, await RefusedAsync(alice));
        Dictionary<string, string> told = JsonSerializer.Deserialize<Dictionary<string, string>>(Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached).Data)!;
        Assert.Equal(("limit-extension-money-per-day", "100", "ended"), (told["limit"], told["extension"], told["action"]));
        await Pbx.AdvanceAsync(TimeSpan.FromHours(16));                                  // 00:01 UTC
        Assert.Equal(0, (await TriedAsync("100")).Status);
    }

    [Theory]
    [InlineData(60, null)]                                                               // less than the tenant's
    [InlineData(null, 500_000L)]                                                         // 0.6 a minute, and the tenant has none
    public async Task S1_the_figures_of_one_extension_come_before_the_tenants(int? minutes, long? money)
    {
        StubPhone carrier = Limited(new CallLimits { OutsideMinutesPerDayPerExtension = 600 }, new CallRate("+49", 600_000));
        _fixture.OwnLimits["100"] = new ExtensionLimits { OutsideMinutesPerDay = minutes / 60, MicroUnitsPerDay = money };
        StubPhone alice = await ReadyAsync("100"), carol = await ReadyAsync("102");
        await TalkAsync(alice, carrier);
        await TalkAsync(carol, carrier);
        await SecondsAsync(62);
        await alice.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.True(carol.HasNothing);
        string rule = minutes is null ? "limit-extension-money-per-day" : "limit-extension-minutes-per-day";
        Assert.Equal((403, rule), await TriedAsync("100"));
        Assert.Equal(0, (await TriedAsync("102")).Status);
        Assert.Equal(403, await RefusedAsync(alice));
    }

    [Fact]
    public async Task S1_a_lower_limit_acts_on_calls_that_go_on()
    {
        StubPhone carrier = Limited(new CallLimits());
        StubPhone alice = await ReadyAsync("100");
        await TalkAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromMinutes(10));
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { MaxCallSeconds = 300 } };
        await _fixture.ApplyAsync();
        await SecondsAsync(2);
        await alice.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task S1_fifty_calls_to_a_premium_number_in_a_minute_stop_at_the_cap_and_other_tenants_notice_nothing()
    {
        using CarrierFixture other = new("other.test");
        StubPhone theirs = other.Carrier("carrier", "198.51.100.9");
        other.Number("+49301000", "100");
        await other.ApplyAsync();
        StubPhone victim = await other.Pbx.RegisteredAsync("100");
        StubPhone carrier = Limited(new CallLimits { OutsideCallsPerMinute = 5, MaxOutsideCalls = 3, AllowPremiumNumbers = true });
        StubPhone alice = await ReadyAsync("100");
        int refused = 0;
        for (int i = 0; i < 50; i++)
        {
            await DialAsync(alice, "9+499001234567");
            if ((await alice.FinalOrNothingAsync(Pbx)) is { StatusCode: 503 })
                refused++;
        }
        Assert.Equal(47, refused);
        Dictionary<string, string> told = JsonSerializer.Deserialize<Dictionary<string, string>>(Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached).Data)!;
        Assert.Equal(("limit-outside-calls", "100", "refused"), (told["limit"], told["extension"], told["action"]));      // once, and not 47 times
        Assert.Equal(3, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
        await DialAsync(victim, "9+4989222", "other.test");
        Assert.Equal(SipMethod.Invite, (await SkipToInviteAsync(theirs)).Method);
        Assert.DoesNotContain(other.Pbx.News, told => told.Type == EventTypes.LimitReached);
        Assert.NotNull(carrier);
    }

    [Fact]
    public async Task S1_a_forward_abroad_is_refused_by_itself_and_allowed_where_the_tenant_says_so()
    {
        StubPhone carrier = Limited(new CallLimits { AllowAllCountries = true });
        StubPhone alice = await ReadyAsync("100"), bob = await ReadyAsync("101");
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+33155501234@acme.test>"));
        Assert.NotEqual(200, (await alice.FinalAsync()).StatusCode);
        Assert.True(carrier.HasNothing);
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { AllowForwardAbroad = true, AllowAllCountries = true } };
        await _fixture.ApplyAsync();
        await bob.RequestAsync(SipMethod.Ack);
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+33155501234@acme.test>"));
        Assert.Equal("+33155501234", (await carrier.RequestAsync(SipMethod.Invite)).RequestUri.User);
    }

    [Fact]
    public async Task S1_a_call_abroad_is_refused_by_itself_and_the_record_and_the_administrators_hear_which_setting_allows_it()
    {
        StubPhone carrier = Limited(new CallLimits());                                   // home is Germany, by the tenant's number
        StubPhone alice = await ReadyAsync("100");
        Assert.Equal(403, await RefusedAsync(alice, "9+33155501234"));
        Assert.True(carrier.HasNothing);
        DecisionStep step = (await Pbx.RecordAsync()).Steps[^1];
        Assert.Equal(("country-not-home", "FR (home DE, limits.allowedCountries)"), (step.Rule, step.Value));
        Assert.Contains("country-not-home", Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached).Data, StringComparison.Ordinal);
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { AllowedCountries = ["DE", "FR"] } };
        await _fixture.ApplyAsync();
        await DialAsync(alice, "9+33155501234");
        Assert.Equal("+33155501234", (await carrier.RequestAsync(SipMethod.Invite)).RequestUri.User);
    }

    [Fact]
    public async Task S1_a_stolen_extension_makes_three_calls_abroad_and_no_fourth_while_calls_at_home_go_on_and_the_administrators_hear_of_it()
    {
        StubPhone carrier = Limited(new CallLimits { AllowAllCountries = true });        // home is Germany, by the tenant's number
        StubPhone alice = await ReadyAsync("100");
        for (int i = 0; i < 3; i++)
            await TalkAsync(alice, carrier, $"9+3315550123{i}");
        Assert.Equal((503, "limit-extension-calls-abroad"), await TriedAsync("100", "9+33155501239"));
        Assert.Equal(503, await RefusedAsync(alice, "9+33155501239"));
        Dictionary<string, string> told = JsonSerializer.Deserialize<Dictionary<string, string>>(Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached).Data)!;
        Assert.Equal(("limit-extension-calls-abroad", "3", "100", "refused"), (told["limit"], told["value"], told["extension"], told["action"]));
        await TalkAsync(alice, carrier);
        Assert.Equal(0, (await TriedAsync("102", "9+33155501239")).Status);              // another extension
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { AllowAllCountries = true, MaxCallsAbroad = 3 } };
        await _fixture.ApplyAsync();
        Assert.Equal((503, "limit-calls-abroad"), await TriedAsync("102", "9+33155501239"));
        Assert.Equal(0, (await TriedAsync("102")).Status);
    }

    [Fact]
    public async Task S36_an_emergency_call_is_neither_refused_nor_counted_nor_ended()
    {
        StubPhone carrier = Limited(new CallLimits
        {
            MaxChannels = 0, MaxOutsideCalls = 0, MaxOutsideCallsPerExtension = 0, MaxCallsAbroad = 0, MaxCallsAbroadPerExtension = 0, OutsideCallsPerMinute = 0, MaxCallSeconds = 10, OutsideMinutesPerDay = 0,
            OutsideMinutesPerDayPerExtension = 0, MicroUnitsPerDay = 0, MicroUnitsPerDayPerDestination = 0, AllowedCountries = [],
        });
        StubPhone alice = await ReadyAsync("100");
        Assert.Equal(503, await RefusedAsync(alice, "9+4989222", 403));
        (SipRequest invite, SipResponse answer) = await TalkAsync(alice, carrier, "112");
        await SecondsAsync(120);
        Assert.True(alice.HasNothing && carrier.HasNothing);
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        await Pbx.SettleAsync();
        Assert.Empty(Pbx.Used);
    }

    public void Dispose() => _fixture.Dispose();

    private StubPhone Limited(CallLimits limits, params CallRate[] rates)
    {
        _fixture.Outside = _fixture.Outside with { Limits = limits, Rates = rates };
        _fixture.Number("+49301000", "100");
        return _fixture.Carrier("carrier", "198.51.100.1");
    }

    private async Task<StubPhone> ReadyAsync(string user)
    {
        if (user == "100")
            await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync(user);
    }

    private async Task<(int Status, string Rule)> TriedAsync(string from, string to = "9+4989222", string? trunk = null)
    {
        RouteAnswer answer = (await Pbx.Runtime.TryRouteAsync(from, to, trunk))!;
        return (answer.Status, answer.Steps[^1].Rule);
    }

    private async Task SecondsAsync(int seconds)
    {
        for (int i = 0; i < seconds; i++)
            await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
    }

    private static async Task<int> RefusedAsync(StubPhone phone, string number = "9+4989222", int? also = null)
    {
        await DialAsync(phone, number);
        while (true)
        {
            if (await phone.ReceiveAsync() is SipResponse { IsProvisional: false } response && response.CSeq.Method == SipMethod.Invite)
                return also == response.StatusCode ? 503 : response.StatusCode;
        }
    }

    private static async Task<SipRequest> SkipToInviteAsync(StubPhone carrier)
    {
        while (true)
        {
            if (await carrier.ReceiveAsync() is SipRequest request && request.Method == SipMethod.Invite)
                return request;
        }
    }

    private async Task<(SipRequest Invite, SipResponse Answer)> TalkAsync(StubPhone phone, StubPhone carrier, string number = "9+4989222")
    {
        SipRequest dialled = await DialAsync(phone, number);
        SipRequest invite = await SkipToInviteAsync(carrier);
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await phone.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        phone.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        return (dialled, answer);
    }

    private static async Task<SipRequest> DialAsync(StubPhone phone, string number = "9+4989222", string domain = "acme.test")
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge;
        do
        {
            challenge = await phone.ResponseAsync();
        }
        while (challenge.CallId != invite.CallId);
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
