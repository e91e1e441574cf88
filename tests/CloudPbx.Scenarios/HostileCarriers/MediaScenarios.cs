using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Session descriptions and keys that are not as one would write them (INTEROP I49, I52, I54, I55, I61, I64).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class MediaScenarios(ProductFixture fixture)
{
    private const string Image = "m=image 6000 udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\n";

    private static int s_presses;

    [Fact]
    public async Task I49_our_offer_says_nothing_of_maxptime()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Empty(invite.Lines("a=maxptime"));
        Assert.Equal("a=ptime:20", invite.Line("a=ptime"));
    }

    [Fact]
    public async Task I52_each_side_presses_keys_with_the_others_payload_type()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", HostileCarrier.Pcmu.Replace("AVP 0", "AVP 0 121", StringComparison.Ordinal).TrimEnd() + "\na=rtpmap:121 telephone-event/8000\na=fmtp:121 0-15\n");
        int ours = int.Parse(invite.Lines("a=rtpmap:").First(line => line.EndsWith("telephone-event/8000", StringComparison.Ordinal)).Split(':', ' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotEqual(121, ours);
        using IDisposable tone = scene.Carrier.Media.Play(620, invite.Audio);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
        call.Press('7');
        Assert.Equal(7, (await scene.Carrier.Media.ReceiveAsync(121))[0]);

        Press(scene.Carrier, (byte)ours, 5, invite);                                     // RFC 3264 §5.1: what we said is what we take
        await CarrierScene.KeysAsync(call, "5");
        Press(scene.Carrier, 121, 6, invite);                                            // and some send their own
        await CarrierScene.KeysAsync(call, "56");
    }

    [Fact]
    public async Task I54_a_key_that_comes_by_INFO_and_in_the_media_is_one_and_an_empty_INFO_is_fine()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", HostileCarrier.Pcmu.Replace("AVP 0", "AVP 0 101", StringComparison.Ordinal).TrimEnd() + "\na=rtpmap:101 telephone-event/8000\n");
        HostileCarrier carrier = scene.Carrier;
        using IDisposable tone = carrier.Media.Play(620, invite.Audio);
        RawDialog dialog = carrier.Dialog(invite);
        dialog.Send("INFO");
        await carrier.ExpectAsync("200 INFO");
        dialog.Send("INFO", "Content-Type: application/dtmf-relay", "Signal=5\nDuration=100\n");
        Press(carrier, 101, 5, invite);
        Assert.InRange((await carrier.ExpectAsync("200 INFO | 415 INFO | 405 INFO")).Status, 200, 499);
        Press(carrier, 101, 6, invite);
        await CarrierScene.KeysAsync(call, "56");
    }

    [Fact]
    public async Task I55_an_answer_that_numbers_a_codec_otherwise_names_others_and_switches_among_them_is_heard()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", "v=0\no=- 1 1 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\nm=audio [media] RTP/AVP 18 98 0\na=rtpmap:18 G729/8000\na=rtpmap:98 PCMA/8000\na=rtpmap:0 PCMU/8000\n");
        foreach ((byte type, bool aLaw, int hertz) in new[] { ((byte)8, true, 620), ((byte)0, false, 800), ((byte)98, true, 1000) })
        {
            using (scene.Carrier.Media.Play(hertz, invite.Audio, type, aLaw))
                await call.Audio.WaitForToneAsync(hertz, Deadlines.Media);
        }
    }

    [Theory]
    [InlineData(0xAA57AAu, 1)]                                                           // Aastra, Cisco
    [InlineData(0xCA221E12u, 40000)]                                                     // Asterisk: the same source
    public async Task I61_a_source_that_begins_anew_is_one_stream_for_whoever_hears_it(uint ssrc, ushort sequence)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        using (scene.Carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        (scene.Carrier.Media.Ssrc, scene.Carrier.Media.Sequence) = (ssrc, sequence);
        using (scene.Carrier.Media.Play(800, invite.Audio))
            await call.Audio.WaitForToneAsync(800, Deadlines.Media);
        Assert.Equal(0, call.Audio.Figures.SourceChanges);
    }

    [Fact]
    public async Task I64_a_fax_beside_the_audio_of_a_first_offer_is_declined_by_a_phone_and_the_audio_taken()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _, RawMessage answer) = await scene.TakeAsync("", HostileCarrier.Pcmu + Image);      // DIDWW
        Assert.Equal(2, answer.Lines("m=").Count);                                       // RFC 3264 §6: as many as were offered
        Assert.StartsWith("m=image 0 ", answer.Lines("m=")[1], StringComparison.Ordinal);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m=audio 0 RTP/AVP 0\n")]
    public async Task I64_a_fax_that_a_phone_refuses_leaves_the_talk_as_it_was(string before)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawDialog dialog, _) = await scene.TakeAsync();
        dialog.Send("INVITE", "", "v=0\no=carrier 1 2 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\n" + before + Image);
        RawMessage refusal = await scene.Carrier.ExpectAsync("488 INVITE");
        scene.Carrier.AckRefusal(refusal);
        dialog.Send("INVITE", "", HostileCarrier.Pcmu.Replace("o=carrier 1 1", "o=carrier 1 3", StringComparison.Ordinal));
        Assert.StartsWith("m=audio ", (await scene.Carrier.ExpectAsync("200 INVITE")).Line("m="), StringComparison.Ordinal);
        dialog.Ack();
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task An_offer_without_audio_is_488_with_a_warning()                     // RFC 3261 §20.43: 304 media type not available
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        scene.Carrier.Invite(scene.Number, "", "v=0\no=carrier 1 1 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\nm=message 9 TCP/MSRP *\n");
        RawMessage refusal = await scene.Carrier.ExpectAsync("488 INVITE");
        scene.Carrier.AckRefusal(refusal);
        Assert.StartsWith("304 ", refusal["Warning"], StringComparison.Ordinal);
    }

    // RFC 4733 §2.5.1: three packets while it is pressed, three that say that it is not.
    private static void Press(HostileCarrier carrier, byte payloadType, byte key, RawMessage invite)
    {
        uint at = 8000 * (uint)Interlocked.Increment(ref s_presses);                      // §2.5.1.2: by which one press is told from the next
        for (int packet = 0; packet < 6; packet++)
            carrier.Media.Send(payloadType, [key, (byte)(packet < 3 ? 10 : 0x8A), 0, (byte)(160 + Math.Min(packet, 3))], invite.Audio, marker: packet == 0, timestamp: at);
    }
}
