using System.Globalization;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Session timers, and offers in a talk (RFC 4028, RFC 3264; INTEROP I13, I14, I16, I17, I26, I59, I60).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class SessionScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task I13_a_timer_that_only_the_answer_brings_is_taken_and_each_refresh_answered()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"sessionTimer":"off"}""");
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("Session-Expires: 900;refresher=uas\nRequire: timer");
        Assert.Equal("", invite["Session-Expires"]);
        RawDialog dialog = scene.Carrier.Dialog(invite);
        dialog.Send("INVITE", "Session-Expires: 900;refresher=uac\nSupported: timer", HostileCarrier.Pcmu);
        RawMessage refreshed = await scene.Carrier.ExpectAsync("200 INVITE");
        Assert.StartsWith("m=audio", refreshed.Line("m="), StringComparison.Ordinal);
        dialog.Ack();
        dialog.Send("UPDATE", "Session-Expires: 900;refresher=uac\nSupported: timer");
        Assert.Contains("900", (await scene.Carrier.ExpectAsync("200 UPDATE"))["Session-Expires"], StringComparison.Ordinal);
        await scene.HangUpAsync(call);
    }

    [Fact]
    public async Task I17_a_carriers_491_is_asked_again_after_a_while_and_I26_whoever_waits_meanwhile_gets_a_100_with_our_tag()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        await fixture.Pbx.Api.PutAsync($"tenants/{scene.Company.Name}/extensions/100", $$$"""{"number":"100","forwards":{"always":"{{{CarrierScene.Callee}}}"}}""", TestContext.Current.CancellationToken);
        carrier.Invite(scene.Number);
        RawMessage outgoing = await carrier.ExpectAsync("INVITE");                       // the carrier has both ends of it
        carrier.Answer(outgoing, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        RawDialog dialog = carrier.Dialog(await carrier.ExpectAsync("200 INVITE"));
        dialog.Ack();

        dialog.Send("INVITE", "", Fax(2));                                               // which the other end is asked for
        RawMessage asked = await carrier.ExpectAsync("INVITE");
        Assert.StartsWith("m=image", asked.Lines("m=")[^1], StringComparison.Ordinal);
        carrier.Answer(asked, "491 Request Pending");
        await carrier.ExpectAsync("ACK");
        var pause = System.Diagnostics.Stopwatch.StartNew();
        RawMessage trying;
        do
            trying = await carrier.ExpectAsync("100 INVITE");
        while (trying.Sequence != dialog.Sequence);
        Assert.Equal(RawTag(dialog.Remote), trying.Tag("To"));                           // Polycom takes none without
        RawMessage again = await carrier.ExpectAsync("INVITE");
        Assert.InRange(pause.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(8));       // RFC 3261 §14.1: 2.1 to 4 s for whose Call-ID it is
        Assert.Equal(asked["Call-ID"], again["Call-ID"]);
        Assert.True(again.Sequence > asked.Sequence);
        carrier.Answer(again, "200 OK", "", Fax(2));
        await carrier.ExpectAsync("ACK");
        RawMessage taken = await carrier.ExpectAsync("200 INVITE");
        Assert.StartsWith("m=image", taken.Lines("m=")[^1], StringComparison.Ordinal);
        Assert.NotEqual("0", taken.Lines("m=")[^1].Split(' ')[1]);
        dialog.Ack();
    }

    private static string RawTag(string party) => party[(party.LastIndexOf("tag=", StringComparison.Ordinal) + 4)..];

    private static string Fax(int version) =>
        $"v=0\no=carrier 1 {version} IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\nm=image [media] udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\n";

    [Fact]
    public async Task I14_a_carrier_that_wants_a_longer_session_gets_it_in_one_more_try()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"sessionExpiresSeconds":90}""");
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        Assert.Equal("90", invite["Session-Expires"]);
        carrier.Answer(invite, "422 Session Interval Too Small", "Min-SE: 120");
        await carrier.ExpectAsync("ACK");
        invite = await carrier.ExpectAsync("INVITE");
        Assert.Equal(("120", "120"), (invite["Session-Expires"], invite["Min-SE"]));
        carrier.Answer(invite, "422 Session Interval Too Small", "Min-SE: 120");      // it does not know what it wants
        await carrier.ExpectAsync("ACK");
        await CarrierScene.EndedAsync(call);
        Assert.Equal(2, carrier.Count("INVITE"));
    }

    [Fact]
    public async Task I14_a_carrier_that_asks_for_a_minute_is_told_what_we_take()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        scene.Carrier.Invite(scene.Number, "Session-Expires: 60\nSupported: timer", call: "short");
        RawMessage refusal = await scene.Carrier.ExpectAsync("422 INVITE");
        Assert.Equal("90", refusal["Min-SE"]);
        scene.Carrier.AckRefusal(refusal);
        await scene.TakeAsync("Session-Expires: 90\nMin-SE: 90\nSupported: timer");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                                  // ACK without a session description: the old one stays
    public async Task I16_a_refresh_without_an_offer_gets_all_of_ours_and_the_answer_comes_in_the_ACK(bool answers)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawDialog dialog, _) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        using RawMedia other = new(carrier.At.Address);
        dialog.Send("INVITE");
        RawMessage offer = await carrier.ExpectAsync("200 INVITE");
        Assert.Contains(" 0", offer.Line("m=audio"), StringComparison.Ordinal);
        Assert.True(offer.Lines("a=rtpmap:").Count > 1, carrier.Trace);
        dialog.Ack(answers ? HostileCarrier.Pcmu.Replace("[media]", other.At.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : "");
        call.Play(new Tone(440));
        await (answers ? other : carrier.Media).HearAsync(440);
        using IDisposable tone = (answers ? other : carrier.Media).Play(620, offer.Audio);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }

    [Fact]
    public async Task I17_an_offer_that_crosses_another_one_gets_491_and_is_made_again_later()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawDialog dialog, _) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        dialog.Send("INVITE");                                                           // ours is the offer, and its answer stays away
        RawMessage offered = await carrier.ExpectAsync("200 INVITE");
        dialog.Send("INVITE", "", HostileCarrier.Pcmu);
        RawMessage refusal = await carrier.ExpectAsync("491 INVITE | 500 INVITE");        // RFC 3261 §14.2
        carrier.AckRefusal(refusal);
        dialog.Sequence = offered.Sequence;
        dialog.Ack(HostileCarrier.Pcmu);
        dialog.Sequence = refusal.Sequence;
        dialog.Send("INVITE", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
    }

    [Theory]
    [InlineData("a=sendonly", "a=recvonly")]
    [InlineData("a=inactive", "a=inactive")]
    [InlineData("c=IN IP4 0.0.0.0", "a=")]
    public async Task I59_I60_hold_is_answered_as_it_is_meant_and_after_it_the_voice_is_back_at_the_same_address(string hold, string expected)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        string held = HostileCarrier.Pcmu.Replace("o=carrier 1 1", "o=carrier 1 2", StringComparison.Ordinal);
        held = hold[0] == 'a' ? held.TrimEnd() + "\n" + hold : held.Replace("c=IN IP4 [ip]", hold, StringComparison.Ordinal);      // the last line has no end
        dialog.Send("INVITE", "", held);
        RawMessage agreed = await carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        Assert.StartsWith(expected, agreed.Lines("a=")[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("a=sendrecv", hold[0] == 'a' ? agreed.Body : "", StringComparison.Ordinal);
        Assert.Equal(VersionOf(answer) + (hold[0] == 'a' || agreed.Body != answer.Body ? 1 : 0), VersionOf(agreed));

        dialog.Send("INVITE", "", HostileCarrier.Pcmu.Replace("o=carrier 1 1", "o=carrier 1 3", StringComparison.Ordinal));
        RawMessage back = await carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        Assert.DoesNotContain("recvonly", back.Body, StringComparison.Ordinal);
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
        using (carrier.Media.Play(620, back.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);

        dialog.Send("INVITE", "", HostileCarrier.Pcmu.Replace("o=carrier 1 1", "o=carrier 1 3", StringComparison.Ordinal));
        Assert.Equal(back.Body, (await carrier.ExpectAsync("200 INVITE")).Body);          // I60: nothing has changed, its version neither
        dialog.Ack();
    }

    [Fact]
    public async Task I59_an_address_that_stands_at_the_media_alone_is_used()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _, _) = await scene.TakeAsync("", "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio [media] RTP/AVP 0\nc=IN IP4 [ip]\n");      // Cisco 7960
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    private static long VersionOf(RawMessage message) => long.Parse(message.Line("o=").Split(' ')[2], CultureInfo.InvariantCulture);
}
