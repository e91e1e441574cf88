using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Keys between a phone and a carrier that say them in different ways (INTEROP I52 to I54).</summary>
public sealed class KeyTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private StubPhone _carrier = null!;
    private StubPhone _alice = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;

    private TestTenant Pbx => _fixture.Pbx;

    private IEnumerable<string> Pressed => Pbx.Media.Commands.Where(command => command.StartsWith("send-digits", StringComparison.Ordinal));

    [Theory]
    [InlineData(TrunkDtmf.Rfc4733)]
    [InlineData(TrunkDtmf.Inband)]
    public async Task Keys_that_a_phone_tells_by_INFO_reach_a_carrier_in_the_media(TrunkDtmf form)
    {
        await TalkAsync(form);
        await TellAsync("5");
        await TellAsync("#");
        Assert.Empty(Pressed);                                    // it might press them in the media as well
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(400));
        await TellAsync("7");
        Assert.Equal(["send-digits 1 5#", "send-digits 1 7"], Pressed);
        Assert.True(_carrier.HasNothing);
        Assert.Equal((form == TrunkDtmf.Rfc4733, form == TrunkDtmf.Inband, false), (Policy.TelephoneEvent, Policy.InbandDigits, Policy.SignalledDigits));
    }

    [Fact]
    public async Task A_phone_that_tells_a_key_by_INFO_and_presses_it_in_the_media_presses_it_once()        // I54
    {
        await TalkAsync(TrunkDtmf.Rfc4733);
        await TellAsync("5");
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(250));
        await PressAsync('5');
        await TellAsync("6");
        await PressAsync('6');
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(Pressed);
    }

    [Fact]
    public async Task A_carrier_that_wants_INFO_gets_keys_of_the_media_one_after_the_other()
    {
        await TalkAsync(TrunkDtmf.Info);
        Assert.Equal((false, true), (Policy.TelephoneEvent, Policy.SignalledDigits));
        await PressAsync('4', 240);
        await PressAsync('*', 20);
        foreach ((char key, int milliseconds) in new[] { ('4', 240), ('*', 100) })
        {
            SipRequest info = await _carrier.RequestAsync(SipMethod.Info);
            Assert.Equal(("application/dtmf-relay", $"Signal={key}\r\nDuration={milliseconds}\r\n"), (info.ContentType, Encoding.ASCII.GetString(info.Body.Span)));
            Assert.True(_carrier.HasNothing);
            _carrier.Answer(info, 200);
            await Pbx.SettleAsync();
        }
        await PressAsync('7', 100, leg: 1);                       // the carrier's own keys are not told back
        Assert.True(_carrier.HasNothing);
        Assert.Empty(Pressed);
    }

    [Fact]
    public async Task A_phone_that_tells_its_keys_twice_has_them_told_once_to_a_carrier_that_wants_INFO()        // I54
    {
        await TalkAsync(TrunkDtmf.Info);
        foreach (string key in new[] { "5", "6" })
        {
            await TellAsync(key);
            await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            await PressAsync(key[0]);
            SipRequest info = await _carrier.RequestAsync(SipMethod.Info);
            Assert.StartsWith($"Signal={key}\r\n", Encoding.ASCII.GetString(info.Body.Span), StringComparison.Ordinal);
            _carrier.Answer(info, 200);
            await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
            Assert.True(_carrier.HasNothing);
        }
    }

    [Fact]
    public async Task A_first_key_that_is_held_for_long_does_not_double_those_after_it()                          // I54
    {
        await TalkAsync(TrunkDtmf.Rfc4733);
        await TellAsync("5");
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["send-digits 1 5"], Pressed);
        await PressAsync('5', 500);
        await TellAsync("6");
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(500));
        await PressAsync('6', 500);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["send-digits 1 5"], Pressed);
    }

    [Fact]
    public async Task A_carrier_that_refuses_INFO_after_all_hears_the_tone()
    {
        await TalkAsync(TrunkDtmf.Info);
        await PressAsync('4');
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Info), 415);
        await Pbx.SettleAsync();
        Assert.Equal(["send-digits 1 4"], Pressed);
    }

    [Theory]
    [InlineData(null, "en", "EU")]
    [InlineData(null, "zh", "CN")]
    [InlineData("GB", "zh", "GB")]
    public async Task Callers_hear_the_tones_of_the_tenants_country(string? country, string language, string expected)
    {
        Func<Data.Tenants.TenantConfigurationContent, Data.Tenants.TenantConfigurationContent> trunks = Pbx.Shape;
        Pbx.Shape = content => trunks(content) with { Language = language };
        _fixture.Outside = _fixture.Outside with { Country = country, Limits = new CallLimits { AllowAllCountries = true } };
        await TalkAsync(TrunkDtmf.Rfc4733);
        Assert.Equal((expected, expected), (Pbx.Media.Policies[0].ToneCountry, Policy.ToneCountry));
    }

    public void Dispose() => _fixture.Dispose();

    private LegPolicy Policy => Pbx.Media.Policies[1];

    private async Task TalkAsync(TrunkDtmf form)
    {
        _carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { Dtmf = form });
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        _alice = await Pbx.RegisteredAsync("100");
        SipRequest first = _alice.Request(SipMethod.Invite, $"sip:9+4989222@{Pbx.Domain}", "v=0 phone's offer");
        _alice.Send(first);
        SipResponse challenge = await _alice.ResponseAsync();
        _alice.Ack(first, challenge);
        _invite = _alice.Again(first, challenge);
        _alice.Send(_invite);
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        _answer = await _alice.FinalAsync();
        _alice.Ack(_invite, _answer);
        await _carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
    }

    private async Task TellAsync(string key)
    {
        SipRequest info = _alice.InDialog(SipMethod.Info, _invite, _answer);
        info.SetBody(Encoding.ASCII.GetBytes($"Signal={key}\r\nDuration=160\r\n"), "application/dtmf-relay");
        _alice.Send(info);
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        await Pbx.SettleAsync();
    }

    private async Task PressAsync(char key, int milliseconds = 100, int leg = 0)
    {
        Pbx.Sessions.DigitReceived(new LegId((await Pbx.Runtime.CallsAsync())[0].CallId, leg), key, milliseconds);
        await Pbx.SettleAsync();
    }
}
