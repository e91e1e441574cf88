using System.Net;
using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Packets that are not as one would send them (INTEROP I50, I51, I53, I56, I57, I58, I65, I66), and keys of a carrier that has no telephone events.</summary>
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

    [Theory]
    [InlineData("PCMU")]
    [InlineData("PCMA")]                                                                 // for whom the media node has to place and encode anew
    public async Task I51_two_packets_of_one_moment_do_not_stop_what_is_heard(string codec)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        Phone bob = await scene.Company.RegisterAsync(
            scene.Company.Account("101", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [codec == "PCMU" ? AudioCodec.Pcmu : AudioCodec.Pcma] });
        PhoneCall call = await bob.DialAsync("9" + CarrierScene.Callee);
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        scene.Carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await scene.Carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        Assert.Equal(codec, call.Audio.Media!.Codec.Name);
        // Of whole periods in each packet, so that one that is heard twice does not change it.
        using IDisposable tone = scene.Carrier.Media.Play(600, invite.Audio, copies: 2);
        await call.Audio.WaitForToneAsync(600, Deadlines.Media);
        Assert.Equal(150, (await call.Audio.CollectAsync(150, Deadlines.Media)).Count);  // three seconds of them
        await call.Audio.WaitForToneAsync(600, Deadlines.Media);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I56_whatever_is_said_of_G729_is_annexb_no()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        Phone bob = await scene.Company.RegisterAsync(scene.Company.Account("101", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [AudioCodec.G729] });
        scene.Carrier.Invite(scene.OtherNumber, "", HostileCarrier.Pcmu.Replace("AVP 0", "AVP 18 0", StringComparison.Ordinal));                // without a word: annexb=yes (RFC 4856 §2.1.9)
        using (CancellationTokenSource deadline = new(Deadlines.Signalling))
            Assert.True((await (await bob.IncomingAsync(deadline.Token)).AnswerAsync()).Accepted);
        RawMessage answer = await scene.Carrier.ExpectAsync("200 INVITE");
        scene.Carrier.Dialog(answer).Ack();
        Assert.Equal("18", answer.Line("m=audio ").Split(' ')[3]);
        Assert.Equal(["a=fmtp:18 annexb=no"], answer.Lines("a=fmtp:18 "));

        await bob.DialAsync("9" + CarrierScene.Callee);
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Contains("18", invite.Line("m=audio ").Split(' ')[3..]);
        Assert.Equal(["a=fmtp:18 annexb=no"], invite.Lines("a=fmtp:18 "));
    }

    [Fact]
    public async Task I56_G729_is_left_out_where_the_phone_has_none_and_its_pauses_of_two_octets_are_borne()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _, RawMessage answer) = await scene.TakeAsync("", HostileCarrier.Pcmu.Replace("AVP 0", "AVP 18 0", StringComparison.Ordinal).TrimEnd() + "\na=rtpmap:18 G729/8000\n");     // without a word: annexb=yes (RFC 4856 §2.1.9)
        Assert.Equal(["0"], answer.Line("m=audio ").Split(' ')[3..]);
        using (scene.Carrier.Media.Play(620, answer.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        for (int packet = 0; packet < 5; packet++)
            scene.Carrier.Media.Send(18, [0x1A, 0x2B], answer.Audio);                    // SID (G.729 annex B §4)
        using IDisposable tone = scene.Carrier.Media.Play(800, answer.Audio);
        await call.Audio.WaitForToneAsync(800, Deadlines.Media);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I57_AMR_is_left_out_where_the_phone_has_none_and_may_be_offered_again_without_a_word()
    {
        const string offer = "m=audio [media] RTP/AVP 96 0\na=rtpmap:96 AMR/8000\na=fmtp:96 octet-align=1\na=rtpmap:0 PCMU/8000\n";
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        string session = HostileCarrier.Pcmu[..HostileCarrier.Pcmu.IndexOf("m=", StringComparison.Ordinal)];
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync("", session + offer);
        Assert.Equal(["0"], answer.Line("m=audio ").Split(' ')[3..]);
        foreach ((int version, string again) in new[]
        {
            (2, offer + "a=sendonly\n"), (3, offer.Replace("a=fmtp:96 octet-align=1\n", "", StringComparison.Ordinal)),                               // freeswitch#2254
        })
        {
            dialog.Send("INVITE", "", session.Replace("o=carrier 1 1", $"o=carrier 1 {version}", StringComparison.Ordinal) + again);
            RawMessage changed = await scene.Carrier.ExpectAsync("200 INVITE");
            dialog.Ack();
            Assert.NotEqual("0", changed.Line("m=audio ").Split(' ')[1]);
        }
        using IDisposable tone = scene.Carrier.Media.Play(620, answer.Audio);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Theory]
    [InlineData(13, "AVP 0 13")]
    [InlineData(19, "AVP 0 19")]
    [InlineData(13, "AVP 0")]                                                            // and nobody said that it would come
    public async Task I58_comfort_noise_in_a_pause_is_no_loss_and_ends_nothing(byte payloadType, string formats)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", HostileCarrier.Pcmu.Replace("AVP 0", formats, StringComparison.Ordinal));
        RawMedia media = scene.Carrier.Media;
        using (media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        await media.PauseAsync(payloadType, invite.Audio, packets: 20);
        using (media.Play(800, invite.Audio))
            await call.Audio.WaitForToneAsync(800, Deadlines.Media);
        await scene.HangUpAsync(call);
        JsonElement record = await scene.RecordAsync();
        Assert.All(record.GetProperty("media").EnumerateArray(), leg => Assert.Equal(0, leg.GetProperty("packetsLost").GetInt64()));
        Assert.NotEmpty(record.GetProperty("media").EnumerateArray());
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
