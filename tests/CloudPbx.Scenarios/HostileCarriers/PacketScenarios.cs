using System.Net;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Packets that are not as one would send them (INTEROP I50, I53, I65, I66), and keys of a carrier that has no telephone events.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class PacketScenarios(ProductFixture fixture)
{
    private const string WithEvents = "m=audio [media] RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";

    [Theory]
    [InlineData(10, 40)]
    [InlineData(30)]
    [InlineData(60)]
    public async Task I50_packets_of_any_length_come_out_as_the_hearer_states(params int[] milliseconds)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        using IDisposable tone = scene.Carrier.Media.Play(620, invite.Audio, milliseconds: milliseconds);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        IReadOnlyList<HeardSpeech> heard = await call.Audio.CollectAsync(25, Deadlines.Media);
        Assert.All(heard, speech => Assert.Equal(160, speech.Samples.Count));             // a=ptime:20
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }

    [Fact]
    public async Task I53_a_key_without_marker_and_end_and_one_that_ends_often_are_one_each()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", HostileCarrier.Pcmu[..HostileCarrier.Pcmu.IndexOf("m=", StringComparison.Ordinal)] + WithEvents);
        RawMedia media = scene.Carrier.Media;
        using IDisposable tone = media.Play(620, invite.Audio);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        for (byte length = 1; length <= 5; length++)
            media.Send(101, [5, 10, 0, (byte)(20 * length)], invite.Audio, timestamp: 80_000);                     // neither a marker nor an end
        for (int packet = 0; packet < 12; packet++)
            media.Send(101, [6, 0x8A, 3, 32], invite.Audio, timestamp: 88_000);                                    // nothing but ends
        media.Ssrc++;
        for (int packet = 0; packet < 3; packet++)
            media.Send(101, [6, 0x8A, 3, 32], invite.Audio, timestamp: 88_000);                                    // and again, of another source
        media.Send(101, [7, 0x8A, 0, 20], invite.Audio, marker: true, timestamp: 96_000);
        await CarrierScene.KeysAsync(call, "567");
    }

    [Fact]
    public async Task I65_speech_at_an_odd_port_and_reports_at_another_one_find_their_ways()      // RFC 3605
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        IPAddress address = scene.Carrier.At.Address;
        using RawMedia speech = new(address, isOdd: true), reports = new(address);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", $"v=0\no=- 1 1 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\nm=audio {speech.At.Port} RTP/AVP 0\na=rtcp:{reports.At.Port}\n");
        using IDisposable tone = speech.Play(620, invite.Audio);
        call.Play(new Tone(440));
        await speech.HearAsync(440);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        await reports.ReceiveAsync(200 & 0x7F);                                           // SR (RFC 3550 §6.4.1)
    }

    [Fact]
    public async Task I66_a_carrier_that_sends_from_elsewhere_is_heard_and_hears_where_it_said_until_then()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);                                         // nothing has come from there
        using RawMedia other = new(scene.Carrier.At.Address);
        using IDisposable tone = other.Play(620, invite.Audio);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }

    [Fact]
    public async Task A_carrier_without_telephone_events_presses_keys_and_hears_them_as_tones()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        using (scene.Carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        call.Press('7');
        await scene.Carrier.Media.HearKeyAsync(852, 1209);
        await scene.Carrier.Media.SayAsync(Dtmf.Generate("#4", 8000), invite.Audio);
        using IDisposable tone = scene.Carrier.Media.Play(620, invite.Audio);
        await CarrierScene.KeysAsync(call, "#4");
    }
}
