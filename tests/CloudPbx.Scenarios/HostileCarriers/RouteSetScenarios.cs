using CloudPbx.Audio.Tones;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Where requests in a dialog go, and what comes before its time (RFC 3261 §12; INTEROP I21 to I25).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class RouteSetScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task I21_I22_ACK_and_BYE_go_to_a_private_Contact_by_both_of_the_carriers_routes_as_they_stand()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "200 OK", "Record-Route: <sip:10.0.0.1;r2=on;lr>,<sip:[local];r2=on;lr=on>\nContact: <sip:b2b@10.1.2.3:5070>", HostileCarrier.Pcmu);
        RawMessage ack = await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        await call.HangUpAsync();
        RawMessage bye = await carrier.ExpectAsync("BYE");
        foreach (RawMessage request in new[] { ack, bye })
        {
            Assert.Equal("sip:b2b@10.1.2.3:5070", request.RequestUri);
            Assert.Equal([$"<sip:{carrier.At};r2=on;lr=on>", "<sip:10.0.0.1;r2=on;lr>"], request.All("Route"));      // RFC 3261 §12.1.2: reversed
        }
    }

    [Fact]
    public async Task I21_a_private_Contact_without_a_route_is_reached_where_the_answer_came_from()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _) = await scene.TalkAsync("Contact: <sip:b2b@10.1.2.3:5070>");
        await call.HangUpAsync();
        await scene.Carrier.ExpectAsync("BYE");
    }

    [Fact]
    public async Task I23_a_strict_router_gets_its_own_address_as_Request_URI()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        carrier.Answer(await carrier.ExpectAsync("INVITE"), "200 OK", "Record-Route: <sip:old@[local]>\nContact: <sip:b2b@10.1.2.3:5070>", HostileCarrier.Pcmu);
        RawMessage ack = await carrier.ExpectAsync("ACK");
        Assert.Equal($"sip:old@{carrier.At}", ack.RequestUri);                            // RFC 3261 §12.2.1.1
        Assert.Equal("<sip:b2b@10.1.2.3:5070>", ack.All("Route")[^1]);
        await scene.AnsweredAsync(call);
        await call.HangUpAsync();
        Assert.Equal(ack.RequestUri, (await carrier.ExpectAsync("BYE")).RequestUri);
    }

    [Fact]
    public async Task I24_a_carrier_without_To_tags_is_tolerated_to_the_end()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "180 Ringing", tag: "");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu, tag: "");
        Assert.Equal("", (await carrier.ExpectAsync("ACK")).Tag("To"));
        await scene.AnsweredAsync(call);
        carrier.Dialog(invite, tag: "").Send("BYE");
        await carrier.ExpectAsync("200 BYE");
        Assert.Equal(CallEndedBy.Peer, (await CarrierScene.EndedAsync(call)).By);
    }

    [Fact]
    public async Task I25_a_BYE_on_the_heels_of_the_200_ends_the_call()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        carrier.Dialog(invite).Send("BYE");
        await carrier.ExpectAsync("200 BYE");
        await carrier.ExpectAsync("ACK");
        await CarrierScene.EndedAsync(call);
        Assert.Equal(0, (await scene.TrunkAsync()).GetProperty("calls").GetInt32());
    }

    [Fact]
    public async Task I25_a_BYE_that_overtakes_the_200_ends_the_call()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        RawDialog dialog = carrier.Dialog(invite);
        dialog.Send("BYE");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        RawMessage final = await carrier.ExpectAsync("200 BYE | 481 BYE");
        if (final.Status == 481)                                                         // RFC 3261 §15.1.2: none such yet
            dialog.Send("BYE");
        await CarrierScene.EndedAsync(call);
    }

    [Fact]
    public async Task I25_requests_in_an_early_dialog_are_answered_and_the_call_goes_on()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "183 Session Progress", "Require: 100rel\nRSeq: 1", HostileCarrier.Pcmu);
        carrier.Answer(await carrier.ExpectAsync("PRACK"), "200 OK");
        RawDialog dialog = carrier.Dialog(invite);
        dialog.Send("UPDATE", "", HostileCarrier.Pcmu.Replace("o=carrier 1 1", "o=carrier 1 2", StringComparison.Ordinal));
        RawMessage updated = await carrier.ExpectAsync("200 UPDATE");
        Assert.StartsWith("m=audio", updated.Line("m="), StringComparison.Ordinal);
        dialog.Send("NOTIFY", "Event: talk\nSubscription-State: active");
        carrier.Answer(invite, "200 OK");
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
        Assert.True(carrier.Has("200 NOTIFY | 481 NOTIFY | 489 NOTIFY"), carrier.Trace);
    }
}
