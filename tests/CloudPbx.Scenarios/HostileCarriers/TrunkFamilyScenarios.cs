using System.Net;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A carrier that is reached by IPv6, and a phone by IPv4.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class TrunkFamilyScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task A_phone_in_IPv4_and_a_carrier_in_IPv6_hear_each_other_whoever_calls()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, at: IPAddress.IPv6Loopback);
        (PhoneCall outgoing, RawMessage invite) = await scene.TalkAsync();
        await HearEachOtherAsync(scene.Carrier, invite, outgoing);
        await scene.HangUpAsync(outgoing);

        (PhoneCall incoming, RawDialog dialog, RawMessage answer) = await scene.TakeAsync();
        await HearEachOtherAsync(scene.Carrier, answer, incoming);
        dialog.Send("BYE");
        await scene.Carrier.ExpectAsync("200 BYE");
        await CarrierScene.EndedAsync(incoming);
    }

    [Fact]
    public async Task A_carrier_that_goes_over_to_its_other_family_in_the_middle_of_a_call_is_answered_there()       // RFC 3264 §8.3.1
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        Assert.Equal("c=IN IP4 127.0.0.1", invite.Line("c="));
        using (scene.Carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);

        await using HostileCarrier other = HostileCarrier.Listen(IPAddress.IPv6Loopback, new IPEndPoint(IPAddress.IPv6Loopback, fixture.Pbx.SipPort));
        RawDialog dialog = scene.Carrier.Dialog(invite);
        dialog.Send("INVITE", "Content-Type: application/sdp", $"v=0\no=- 1 2 IN IP4 [ip]\ns=-\nc=IN IP6 ::1\nt=0 0\nm=audio {other.Media.At.Port} RTP/AVP 0\na=rtpmap:0 PCMU/8000\n");
        RawMessage answer = await scene.Carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        await HearEachOtherAsync(other, answer, call);
        await scene.HangUpAsync(call);
    }

    private static async Task HearEachOtherAsync(HostileCarrier carrier, RawMessage described, PhoneCall call)
    {
        Assert.Equal("c=IN IP6 ::1", described.Line("c="));
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
        using (carrier.Media.Play(620, described.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }
}
