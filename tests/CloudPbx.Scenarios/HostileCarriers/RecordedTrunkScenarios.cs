using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Calls of a trunk that are recorded: which of them, and what of a carrier's packets that never came.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class RecordedTrunkScenarios(ProductFixture fixture)
{
    private const int Rate = 8000, LostPackets = 10, PacketSamples = 160;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("inbound")]
    [InlineData("outbound")]
    [InlineData("always")]
    public async Task A_trunks_calls_are_recorded_in_the_direction_that_it_names(string policy)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, trunk: (trunk, _) => trunk["recording"] = policy);
        (PhoneCall taken, RawDialog dialog, RawMessage answer) = await scene.TakeAsync();
        await TalkAsync(scene.Carrier, taken, answer, 440, 620);
        await scene.HangUpAsync(taken);
        Assert.NotNull(dialog);
        (PhoneCall made, RawMessage invite) = await scene.TalkAsync();
        await TalkAsync(scene.Carrier, made, invite, 480, 680);
        await scene.HangUpAsync(made);

        await scene.RecordAsync(2);
        StoredRecording[] recordings = await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, policy == "always" ? 2 : 1, Cancel);
        Assert.Equal(policy == "always" ? ["inbound", "outbound"] : [policy], recordings.Select(recording => recording.Entry.GetProperty("direction").GetString()));
        foreach (JsonElement call in (await fixture.Pbx.Api.GetAsync($"tenants/{scene.Company.Name}/calls", Cancel)).GetProperty("items").EnumerateArray())
        {
            string direction = call.GetProperty("direction").GetString()!;
            Assert.Equal(
                recordings.Where(recording => recording.Entry.GetProperty("direction").GetString() == direction).Select(recording => recording.Entry.GetProperty("id").GetString()),
                call.GetProperty("recordings").EnumerateArray().Select(id => id.GetString()));
        }
        foreach (StoredRecording recording in recordings)
        {
            bool isInbound = recording.Entry.GetProperty("direction").GetString() == "inbound";
            recording.AssertTones(0, isInbound ? 620 : 480);      // who calls is left
            recording.AssertTones(1, isInbound ? 440 : 680);
            Assert.False(recording.IsPartial);
        }
    }

    [Fact]
    public async Task Packets_that_never_came_keep_their_time_in_the_recording_and_are_listed()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, trunk: (trunk, _) => trunk["recording"] = "always");
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
        short[] said = VoiceNoise.Make(7, TimeSpan.FromSeconds(4), Rate);
        Task saying = scene.Carrier.Media.SayAsync(said, invite.Audio);
        await call.Audio.CollectAsync(75, Deadlines.Media);       // a second and a half of it
        scene.Carrier.Media.Losing = LostPackets;
        await saying;
        await scene.HangUpAsync(call);

        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel));
        JsonElement gap = Assert.Single(recording.Notes("gap"));
        Assert.Equal((1, LostPackets * 20_000L, 1), (gap.GetProperty("channel").GetInt32(), gap.GetProperty("microseconds").GetInt64(), gap.GetProperty("count").GetInt32()));
        Assert.Equal((1, LostPackets * 20L), (recording.Entry.GetProperty("gaps").GetInt32(), recording.Entry.GetProperty("concealedMilliseconds").GetInt64()));
        Assert.False(recording.IsPartial);
        short[] right = recording.Channel(1);
        int at = (int)(gap.GetProperty("atMilliseconds").GetInt64() * Rate / 1000), after = at + (LostPackets * PacketSamples);
        (int before, double likeBefore) = CrossCorrelation.Find(said, right.AsSpan(at - Rate, Rate / 2));
        (int behind, double likeBehind) = CrossCorrelation.Find(said, right.AsSpan(after + (Rate / 4), Rate / 2));
        Assert.True(likeBefore > 0.99 && likeBehind > 0.99, $"{likeBefore:F3} before the gap, {likeBehind:F3} after it");
        Assert.Equal(after + (Rate / 4) - (at - Rate), behind - before);                  // sample by sample
        Assert.True(CrossCorrelation.Find(said, right.AsSpan(at + (4 * PacketSamples), 5 * PacketSamples)).Likeness < 0.9, "what was lost is there");
        Assert.Equal(LostPackets, Media(await scene.RecordAsync(), "callee").GetProperty("packetsLost").GetInt64());
    }

    private const string G729AndPcmu = "v=0\no=carrier 1 1 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\nm=audio [media] RTP/AVP 18 0\na=rtpmap:18 G729/8000\na=rtpmap:0 PCMU/8000\n";

    [Fact]
    public async Task What_will_be_recorded_is_spoken_in_no_codec_that_only_passes_through()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, trunk: (trunk, _) => trunk["recording"] = "always");
        Phone bob = await scene.Company.RegisterAsync(scene.Company.Account("101", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [AudioCodec.G729, AudioCodec.Pcmu] });
        await bob.DialAsync("9" + CarrierScene.Callee);
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.DoesNotContain("18", invite.Line("m=audio ").Split(' ')[3..]);
        scene.Carrier.Answer(invite, "486 Busy Here");
        await scene.Carrier.ExpectAsync("ACK");

        (PhoneCall call, _, RawMessage answer) = await scene.TakeAsync("", G729AndPcmu);
        Assert.Equal(["0"], answer.Line("m=audio ").Split(' ')[3..]);
        await TalkAsync(scene.Carrier, call, answer, 440, 620);
        await scene.HangUpAsync(call);
        StoredRecording recording = (await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel))[^1];
        Assert.False(recording.IsPartial);
        recording.AssertTones(0, 620);
        recording.AssertTones(1, 440);
    }

    [Fact]
    public async Task A_recorded_call_with_no_other_codec_than_one_that_passes_through_is_488_with_a_warning()      // RFC 3261 §20.43: 305 incompatible media format
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, trunk: (trunk, _) => trunk["recording"] = "always");
        scene.Carrier.Invite(scene.Number, "", G729AndPcmu.Replace("AVP 18 0", "AVP 18", StringComparison.Ordinal));
        RawMessage refusal = await scene.Carrier.ExpectAsync("488 INVITE");
        scene.Carrier.AckRefusal(refusal);
        Assert.StartsWith("305 ", refusal["Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_begins_in_a_talk_that_only_passes_through_is_refused_with_the_reason()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        Phone bob = await scene.Company.RegisterAsync(scene.Company.Account("101", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [AudioCodec.G729] });
        scene.Carrier.Invite(scene.OtherNumber, "", G729AndPcmu);
        using CancellationTokenSource deadline = new(Deadlines.Signalling);
        PhoneCall call = await bob.IncomingAsync(deadline.Token);
        Assert.True((await call.AnswerAsync()).Accepted);
        RawMessage answer = await scene.Carrier.ExpectAsync("200 INVITE");
        scene.Carrier.Dialog(answer).Ack();
        Assert.Equal("18", answer.Line("m=audio ").Split(' ')[3]);
        JsonElement live = Assert.Single((await fixture.Pbx.Api.GetAsync($"tenants/{scene.Company.Name}/calls/live", Cancel)).GetProperty("items").EnumerateArray());
        string path = $"tenants/{scene.Company.Name}/calls/live/{live.GetProperty("id").GetString()}/recording";
        Exception refusal = await Assert.ThrowsAnyAsync<Exception>(() => fixture.Pbx.Api.PostAsync(path, """{"step":"start"}""", Cancel));
        Assert.Contains("can only be passed on", refusal.Message, StringComparison.Ordinal);
        await scene.HangUpAsync(call);
        Assert.Empty((await scene.RecordAsync()).GetProperty("recordings").EnumerateArray());
    }

    private static JsonElement Media(JsonElement call, string party) => call.GetProperty("media").EnumerateArray().Single(leg => leg.GetProperty("party").GetString() == party);

    private static async Task TalkAsync(HostileCarrier carrier, PhoneCall call, RawMessage description, int alices, int carriers)
    {
        using IDisposable tone = carrier.Media.Play(carriers, description.Audio);
        call.Play(new Tone(alices));
        await call.Audio.WaitForToneAsync(carriers, Deadlines.Media);
        await carrier.Media.HearAsync(alices);
        await call.Audio.CollectAsync(50, Deadlines.Media);
    }
}
