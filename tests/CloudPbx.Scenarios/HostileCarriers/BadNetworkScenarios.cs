using System.Globalization;
using System.Net;
using System.Text.Json;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Speech that comes through a network which holds packets up, lets them overtake each other and loses some, judged by measurement at the hearer and in the recording.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class BadNetworkScenarios(ProductFixture fixture)
{
    private const int Rate = 8000, PacketSamples = 160, Words = 6;
    private const double MeanDb = 14, FaultyDb = 8;     // G.722 of this noise, half a sample off in time, is 15 dB from what was said
    private const string Room = "850";
    private static readonly TimeSpan s_jitter = TimeSpan.FromMilliseconds(40);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packets_in_any_order_are_passed_on_as_they_come_each_once_and_none_counts_as_lost()      // RFC 3550 §A.1: numbers that overtake each other where they begin anew
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await TalkAsync(scene, AudioCodec.Pcmu);
        RawTalk talk = new RawTalk(1) { Jitter = s_jitter }.Say(VoiceNoise.Make(1, TimeSpan.FromSeconds(3)));
        Assert.NotEqual(talk.Order.Order(), talk.Order);
        scene.Carrier.Media.Sequence = 65_500;
        Task<IReadOnlyList<HeardSpeech>> heard = call.Audio.CollectAsync(talk.Order.Count, Deadlines.Media);
        await scene.Carrier.Media.SendAsync(talk, invite.Audio);
        short[][] said = [.. talk.Samples.Chunk(PacketSamples)];
        Assert.Equal(talk.Order, (await heard).Select(packet => Array.FindIndex(said, samples => samples.SequenceEqual(packet.Samples))));
        await scene.HangUpAsync(call);
        JsonElement leg = Media(await scene.RecordAsync(), "callee");
        Assert.Equal((talk.Order.Count, 0), (leg.GetProperty("packetsReceived").GetInt32(), leg.GetProperty("packetsLost").GetInt32()));
    }

    [Fact]
    public async Task What_comes_in_any_order_is_recorded_sample_by_sample_also_where_its_source_changes()      // INTEROP I61
    {
        await using CarrierScene scene = await RecordedAsync();
        (PhoneCall call, RawMessage invite) = await TalkAsync(scene, AudioCodec.Pcmu);
        RawTalk first = new RawTalk(2) { Jitter = s_jitter }.Say(VoiceNoise.Make(2, TimeSpan.FromSeconds(3))), second = new RawTalk(3) { Jitter = s_jitter };
        second.As(0x5EC0DE, 65_530).Say(VoiceNoise.Make(3, TimeSpan.FromSeconds(3)));
        scene.Carrier.Media.Sequence = 65_500;
        await scene.Carrier.Media.SendAsync(first, invite.Audio);
        await scene.Carrier.Media.SendAsync(second, invite.Audio);
        await scene.HangUpAsync(call);

        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel));
        Assert.Empty(recording.Notes("gap"));
        Assert.False(recording.IsPartial);
        short[] right = recording.Channel(1);
        int begun = right.AsSpan().IndexOf([.. first.Samples]), changed = right.AsSpan().IndexOf([.. second.Samples]);
        Assert.True(begun >= 0 && changed >= 0, $"the first source's words are at {begun}, the second's at {changed}");
        Assert.InRange(changed - begun - first.Samples.Count, 0, Rate / 5);               // the longest way of a packet of the first, and a machine that was busy
    }

    [Fact]
    public async Task What_is_lost_here_and_there_is_listed_place_by_place_and_the_rest_recorded_sample_by_sample()
    {
        await using CarrierScene scene = await RecordedAsync();
        (PhoneCall call, RawMessage invite) = await TalkAsync(scene, AudioCodec.Pcmu);
        RawTalk talk = new RawTalk(4) { Jitter = s_jitter, Loss = 0.02 }.Say(VoiceNoise.Make(4, TimeSpan.FromSeconds(6)));
        await scene.Carrier.Media.SendAsync(talk, invite.Audio);
        await scene.HangUpAsync(call);

        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel));
        short[] right = recording.Channel(1);
        int begun = right.AsSpan().IndexOf(talk.Samples.Take(PacketSamples).ToArray());
        Assert.True(begun >= 0, "the first packet is not there");
        Assert.Equal(
            talk.Lost.Select(lost => (1, (begun + lost.At) * 1000L / Rate, lost.Length * 1_000_000L / Rate)),
            recording.Notes("gap").Select(gap => (gap.GetProperty("channel").GetInt32(), gap.GetProperty("atMilliseconds").GetInt64(), gap.GetProperty("microseconds").GetInt64())));
        for (int at = 0; at < talk.Samples.Count; at += PacketSamples)
        {
            bool isThere = right.AsSpan(begun + at, PacketSamples).SequenceEqual(talk.Samples.Skip(at).Take(PacketSamples).ToArray());
            Assert.True(isThere != talk.Lost.Any(lost => lost.At == at), $"packet {at / PacketSamples}");
        }
        JsonElement leg = Media(await scene.RecordAsync(), "callee");
        Assert.Equal((talk.Order.Count, talk.Lost.Count), (leg.GetProperty("packetsReceived").GetInt32(), leg.GetProperty("packetsLost").GetInt32()));
    }

    [Theory]
    [InlineData(40, 4)]
    [InlineData(70, 24)]                                                                 // more than is usually waited for: the first that come too late are made up, later ones are waited for
    public async Task Speech_that_changes_its_codec_is_close_to_what_was_said_whatever_order_it_comes_in(int jitterMilliseconds, int mostMadeUp)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage invite) = await TalkAsync(scene, AudioCodec.G722);
        RawTalk talk = new RawTalk(5) { Jitter = TimeSpan.FromMilliseconds(jitterMilliseconds) }.Say(VoiceNoise.Make(5, TimeSpan.FromSeconds(6)));
        Task<IReadOnlyList<HeardSpeech>> hearing = call.Audio.CollectAsync(talk.Order.Count - 20, Deadlines.Media);
        await scene.Carrier.Media.SendAsync(talk, invite.Audio);
        short[] heard = [.. (await hearing).SelectMany(packet => packet.Samples)];
        int rate = call.Audio.HeardRate;
        short[] said = SampleRateConversion.Convert([.. talk.Samples], Rate, rate);
        int middle = heard.Length / 2;
        (int place, double likeness) = CrossCorrelation.Find(said, heard.AsSpan(middle, rate / 10));
        Assert.True(likeness > 0.9, $"{likeness:F2}");
        int late = middle - place;
        IReadOnlyList<double> ratios = SegmentalSnr.Of(said.AsSpan(Math.Max(0, -late)), heard.AsSpan(Math.Max(0, late)), rate / 50);
        string each = string.Join(' ', ratios.Select(ratio => ratio.ToString("F0", CultureInfo.InvariantCulture)));
        Assert.True(ratios.Count > 250 && ratios.Average() > MeanDb, each);
        Assert.True(ratios.Count(ratio => ratio < FaultyDb) <= mostMadeUp, each);          // segments, two for a packet
    }

    [Fact]
    public async Task In_a_conference_who_comes_through_a_bad_network_with_a_fast_clock_is_heard_without_a_break_and_hears_the_others()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PostAsync($"tenants/{company.Name}/conferences", $$"""{"number":"{{Room}}"}""", Cancel);
        await using HostileCarrier raw = HostileCarrier.Listen(IPAddress.Parse("127.0.0.65"), new IPEndPoint(IPAddress.Parse(fixture.Pbx.Host), fixture.Pbx.SipPort));
        Phone alice = await company.RegisterAsync(company.Account("100", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [AudioCodec.G722] });
        PhoneCall call = await alice.DialAsync(Room);
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await RawPhone.InviteAsync(raw, company, Room);
        RawMessage answer = await raw.ExpectAsync("200 INVITE");
        raw.Dialog(answer).Ack();

        short[] tone = new short[8 * Rate];
        new ToneGenerator(new Tone(620, LevelDbm0: -10), Rate).Read(tone);
        RawTalk talk = new RawTalk(6) { Jitter = s_jitter, ClockPpm = 1000 }.Say(tone);
        call.Play(new Tone(440));
        Task sending = raw.Media.SendAsync(talk, answer.Audio);
        await raw.Media.HearAsync(440);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        short[] heard = [.. (await call.Audio.CollectAsync(200, Deadlines.Media)).SelectMany(packet => packet.Samples)];       // four seconds, when the delay has been found
        await raw.Media.HearAsync(440);
        await sending;
        ToneMeasurement[] parts = [.. heard.Chunk(call.Audio.HeardRate / 5).Select(part => ToneDetector.Measure(part, call.Audio.HeardRate))];
        Assert.Equal(20, parts.Length);
        Assert.All(parts, part => Assert.True(Math.Abs(part.Hertz - 620) < 10 && Math.Abs(part.LevelDbm0 + 10) < 2 && part.Purity > 0.9, $"{part}"));
    }

    [Fact]
    public async Task Packets_of_10_and_60_ms_in_turn_with_pauses_between_are_heard_sample_by_sample_and_recorded_so()      // INTEROP I50; RFC 3551 §4.1
    {
        await using CarrierScene scene = await RecordedAsync();
        (PhoneCall call, RawMessage invite) = await TalkAsync(scene, AudioCodec.Pcmu);
        RawTalk talk = new(7);
        int[][] packets = [[10], [60], [10, 60]];
        TimeSpan word = TimeSpan.FromMilliseconds(420), pause = TimeSpan.FromMilliseconds(300);       // whole numbers of all of them
        for (int i = 0; i < Words; i++)
            talk.Say(VoiceNoise.Make(10 + i, word), packets[i % packets.Length]).Pause(pause);
        Task<IReadOnlyList<HeardSpeech>> hearing = call.Audio.CollectAsync(Words * (int)(word.TotalMilliseconds / 20), Deadlines.Media);
        await scene.Carrier.Media.SendAsync(talk, invite.Audio);
        IReadOnlyList<HeardSpeech> heard = await hearing;
        await scene.HangUpAsync(call);

        int spoken = (int)(word.TotalSeconds * Rate), silent = (int)(pause.TotalSeconds * Rate);
        Assert.All(heard, packet => Assert.Equal(PacketSamples, packet.Samples.Count));     // a=ptime:20
        Assert.Equal(talk.Samples.Chunk(spoken + silent).SelectMany(both => both[..spoken]), heard.SelectMany(packet => packet.Samples));
        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel));
        Assert.True(recording.Channel(1).AsSpan().IndexOf([.. talk.Samples.SkipLast(silent)]) >= 0, "the recording is not what was said");
        Assert.Empty(recording.Notes("gap"));
        Assert.Equal(0, Media(await scene.RecordAsync(), "callee").GetProperty("packetsLost").GetInt32());
    }

    private Task<CarrierScene> RecordedAsync() => CarrierScene.SetAsync(fixture, trunk: (trunk, _) => trunk["recording"] = "always");

    /// <summary>Extension 101 calls the carrier with one codec, and is heard there.</summary>
    private static async Task<(PhoneCall Call, RawMessage Invite)> TalkAsync(CarrierScene scene, AudioCodec codec)
    {
        Phone bob = await scene.Company.RegisterAsync(scene.Company.Account("101", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [codec] });
        PhoneCall call = await bob.DialAsync("9" + CarrierScene.Callee);
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        scene.Carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await scene.Carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        Assert.Equal(codec.Name, call.Audio.Media!.Codec.Name);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
        return (call, invite);
    }

    private static JsonElement Media(JsonElement call, string party) => call.GetProperty("media").EnumerateArray().Single(leg => leg.GetProperty("party").GetString() == party);
}
