using System.Globalization;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>What a carrier lets hear before the answer, and what it says of it (RFC 3960; INTEROP I45 to I48).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class EarlyMediaScenarios(ProductFixture fixture)
{
    private const int Ringing = 425;                                                     // the European ringing tone

    [Fact]
    public async Task I45_early_media_that_are_promised_and_do_not_come_are_rung_over_until_they_do()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "183 Session Progress", "", HostileCarrier.Pcmu);
        await call.Ringing.WaitAsync(Deadlines.Signalling);
        carrier.Answer(invite, "180 Ringing");
        await call.Audio.WaitForToneAsync(Ringing, Deadlines.Media);
        Assert.Equal([183, 180], call.Progress);
        using (carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        Assert.False(call.Answered.IsCompleted);
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
    }

    [Fact]
    public async Task I46_a_trunk_whose_early_media_are_silence_may_be_set_to_ring_instead()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"earlyMedia":"ringback"}""");
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        using IDisposable silence = carrier.Media.Play(0, invite.Audio);
        carrier.Answer(invite, "183 Session Progress", "", HostileCarrier.Pcmu);
        Assert.Equal((180, 0), ((await call.Ringing.WaitAsync(Deadlines.Signalling))!.StatusCode, (await call.Ringing)!.Body.Length));      // her phone rings by itself
        carrier.Answer(invite, "200 OK");                                                // the 183's description stands for the 200's
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I46_silence_in_early_media_is_rung_over_and_a_voice_after_it_is_heard()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "183 Session Progress", "", HostileCarrier.Pcmu);
        using (carrier.Media.Play(0, invite.Audio))
            await call.Audio.WaitForToneAsync(Ringing, Deadlines.Media);
        using (carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }

    [Fact]
    public async Task I47_ringing_with_a_session_description_is_early_media()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        using IDisposable tone = carrier.Media.Play(620, invite.Audio);
        carrier.Answer(invite, "180 Ringing", "", HostileCarrier.Pcmu);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        Assert.Equal([180], call.Progress);
    }

    [Fact]
    public async Task I47_progress_without_a_session_description_is_none()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "183 Session Progress");
        Assert.Equal((183, 0), ((await call.Ringing.WaitAsync(Deadlines.Signalling))!.StatusCode, (await call.Ringing)!.Body.Length));
        Assert.Null(call.Audio.Media);
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
    }

    [Fact]
    public async Task I48_of_two_gateways_the_latest_is_heard_and_the_one_that_answers_without_a_description_keeps_its_own()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        using RawMedia other = new(carrier.At.Address);
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        using IDisposable one = carrier.Media.Play(620, invite.Audio), two = other.Play(800, invite.Audio);
        carrier.Answer(invite, "183 Session Progress", "", HostileCarrier.Pcmu, "one");
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        carrier.Answer(invite, "183 Session Progress", "", HostileCarrier.Pcmu.Replace("[media]", other.At.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), "two");
        await call.Audio.WaitForToneAsync(800, Deadlines.Media);
        carrier.Answer(invite, "200 OK", "", "", "one");
        Assert.Equal("one", (await carrier.ExpectAsync("ACK")).Tag("To"));
        await scene.AnsweredAsync(call);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
    }
}
