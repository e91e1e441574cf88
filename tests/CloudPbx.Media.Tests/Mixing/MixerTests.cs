using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>Conferences and supervised calls through a node's sockets, parties on loops of their own.</summary>
public sealed class MixerTests
{
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(2.5);

    private static CancellationToken Cancel => CancellationToken.None;

    [Fact]
    public async Task Parties_of_several_calls_hear_each_other_and_leave_one_by_one()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("Loops", "2"));
        using Talker a = await Talker.AnswerAsync(node, "8 101", 500), b = await Talker.AnswerAsync(node, "0 101", 800, secure: true), c = await Talker.AnswerAsync(node, "9 101", 1100);
        var room = ConferenceId.New();
        foreach (Talker talker in (Talker[])[a, b, c])
            Assert.True(await node.Client.JoinAsync(talker.Leg, new ConferencePlace { Conference = room }, Cancel));
        await Talker.TalkAsync(s_talk, a, b, c);
        foreach (Talker hearer in (Talker[])[a, b, c])
            hearer.HearsOnly([.. ((Talker[])[a, b, c]).Where(t => t != hearer)], a, b, c);
        await node.Client.JoinAsync(b.Leg, new ConferencePlace { Conference = room, IsMuted = true }, Cancel);
        await node.Client.UnbridgeAsync(c.Leg, Cancel);
        await Talker.TalkAsync(s_talk, a, b, c);
        a.HearsOnly([], a, b, c);
        b.HearsOnly([a], a, b, c);
        Assert.Empty(c.Heard);
        await node.Client.RemoveAsync(a.Leg, Cancel);
        await node.Client.RemoveAsync(b.Leg, Cancel);
        Assert.Equal(0, await node.Node.Mixer.CountAsync());
    }

    [Fact]
    public async Task A_conference_reports_who_speaks_and_allocates_nothing()
    {
        await using TestNode node = await TestNode.StartAsync();
        using Talker a = await Talker.AnswerAsync(node, "8 101", 500), b = await Talker.AnswerAsync(node, "8 101", 800);
        var room = ConferenceId.New();
        await node.Client.JoinAsync(a.Leg, new ConferencePlace { Conference = room }, Cancel);
        await node.Client.JoinAsync(b.Leg, new ConferencePlace { Conference = room }, Cancel);
        await Talker.TalkAsync(s_talk, a);
        Assert.Equal((a.Leg, true), await node.SpeakingAsync());
        Assert.Equal((a.Leg, false), await node.SpeakingAsync());
        await Talker.TalkAsync(s_talk, a, b);
        long mixer = node.Node.Mixer.AllocatedBytes, loops = node.Node.LoopAllocatedBytes;
        await Talker.TalkAsync(TimeSpan.FromSeconds(1), a, b);
        Assert.InRange(node.Node.Mixer.AllocatedBytes - mixer + node.Node.LoopAllocatedBytes - loops, 0, 2000);       // the reports of who speaks
    }

    [Fact]
    public async Task A_supervisor_listens_whispers_and_barges_and_leaves_the_call_as_it_was()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("Loops", "2"));
        using TestCall call = await TestCall.ConnectAsync(node);
        using Talker agent = new(call.A, call.LegA, "8", 500), customer = new(call.B, call.LegB, "8", 800), boss = await Talker.AnswerAsync(node, "8 101", 1100);
        Assert.Null(await node.Client.SuperviseAsync(boss.Leg, agent.Leg, SupervisionMode.Listen, Cancel));
        await Talker.TalkAsync(s_talk, agent, customer, boss);
        boss.HearsOnly([agent, customer], agent, customer, boss);
        agent.HearsOnly([customer], agent, customer, boss);
        customer.HearsOnly([agent], agent, customer, boss);
        Assert.Null(await node.Client.SuperviseAsync(boss.Leg, agent.Leg, SupervisionMode.Whisper, Cancel));
        await Talker.TalkAsync(s_talk, agent, customer, boss);
        agent.HearsOnly([customer, boss], agent, customer, boss);
        customer.HearsOnly([agent], agent, customer, boss);
        Assert.Null(await node.Client.SuperviseAsync(boss.Leg, agent.Leg, SupervisionMode.Barge, Cancel));
        await Talker.TalkAsync(s_talk, agent, customer, boss);
        customer.HearsOnly([agent, boss], agent, customer, boss);
        boss.HearsOnly([agent, customer], agent, customer, boss);
        await node.Client.RemoveAsync(boss.Leg, Cancel);
        await Talker.TalkAsync(s_talk, agent, customer);
        agent.HearsOnly([customer], agent, customer, boss);
        await TestCall.PassesAsync(call.A, call.B);
        Assert.NotNull(await node.Client.SuperviseAsync(boss.Leg, agent.Leg, SupervisionMode.Listen, Cancel));     // it is gone
    }

    [Fact]
    public async Task A_loop_lets_packets_wait_longer_only_while_all_of_them_are_mixed()
    {
        await using TestNode node = await TestNode.StartAsync();
        MediaLoop loop = node.Node.Loops[0];
        using Talker a = await Talker.AnswerAsync(node, "8 101", 500), b = await Talker.AnswerAsync(node, "8 101", 800);
        var place = new ConferencePlace { Conference = ConferenceId.New() };
        await node.Client.JoinAsync(a.Leg, place, Cancel);
        await ModeratedAsync(loop, MediaLoop.Moderation);               // b is in no conference
        await node.Client.JoinAsync(b.Leg, place, Cancel);
        await ModeratedAsync(loop, MediaLoop.MixedModeration);
        using (TestCall call = await TestCall.ConnectAsync(node))
        using (Talker boss = await Talker.AnswerAsync(node, "8 101", 1100))
        {
            await ModeratedAsync(loop, MediaLoop.Moderation);
            Assert.Null(await node.Client.SuperviseAsync(boss.Leg, call.LegA, SupervisionMode.Listen, Cancel));
            for (int i = 0; i < 5; i++)
                await ModeratedAsync(loop, MediaLoop.Moderation, atOnce: true);         // all are mixed, but two are relayed as well
            foreach (LegId leg in (LegId[])[boss.Leg, call.LegA, call.LegB])
                await node.Client.RemoveAsync(leg, Cancel);
        }
        await ModeratedAsync(loop, MediaLoop.MixedModeration);
        await node.Client.RemoveAsync(a.Leg, Cancel);
        await node.Client.RemoveAsync(b.Leg, Cancel);
        await ModeratedAsync(loop, MediaLoop.Moderation);
    }

    private static async Task ModeratedAsync(MediaLoop loop, TimeSpan wanted, bool atOnce = false)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            var read = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() => read.SetResult(loop.CurrentModeration));
            TimeSpan now = await read.Task.WaitAsync(patience.Token);
            if (now == wanted)
                return;
            Assert.False(atOnce, $"{now}");
        }
    }

    /// <summary>A peer that says one tone and listens, in real time.</summary>
    private sealed class Talker(FakePeer peer, LegId leg, string format, double hertz) : IDisposable
    {
        private readonly IAudioCodec _mouth = Codec(format), _ears = Codec(format);
        private readonly ToneGenerator _tone = new(new Audio.Tones.Tone(hertz, LevelDbm0: -15), format == "9" ? 16_000 : 8000);

        public LegId Leg => leg;

        public double Hertz => hertz;

        public List<short> Heard { get; } = [];

        public static async Task<Talker> AnswerAsync(TestNode node, string formats, double hertz, bool secure = false)
        {
            var peer = new FakePeer();
            var leg = new LegId(TestNode.NewCall(), 0);
            Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp(formats, secure), Cancel)).Accepted);
            peer.Learn((await node.Client.AnswerAsync(leg, null, Cancel)).LocalSdp);
            return new Talker(peer, leg, formats.Split(' ')[0], hertz);
        }

        public static async Task TalkAsync(TimeSpan time, params Talker[] talkers)
        {
            foreach (Talker talker in talkers)
            {
                while (await talker.Peer.HearAsync(1) is not null)
                {
                }
                talker.Heard.Clear();
            }
            using var over = new CancellationTokenSource(time);
            Task[] hearing = [.. talkers.Select(talker => talker.HearAsync(over.Token))];
            // The talkers' own clock: a packet every 20 ms, and what a busy machine made late is made up for.
            using PeriodicTimer frame = new(TimeSpan.FromMilliseconds(20));
            long begun = TimeProvider.System.GetTimestamp();
            for (int sent = 0; !over.IsCancellationRequested; sent++)
            {
                foreach (Talker talker in talkers)
                    talker.Say();
                if (TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(20 * (sent + 1)))
                    await frame.WaitForNextTickAsync(CancellationToken.None);
            }
            await Task.WhenAll(hearing);
        }

        /// <summary>Judges the second before the last quarter of what was heard.</summary>
        public void HearsOnly(Talker[] heard, params Talker[] all)
        {
            foreach (Talker other in all)
            {
                double level = Level(other.Hertz);
                if (heard.Contains(other))
                    Assert.True(level > -25, $"{Hertz} hears {other.Hertz} at {level:F1} dBm0");
                else
                    Assert.True(level < -35, $"{Hertz} hears {other.Hertz} at {level:F1} dBm0");
            }
        }

        // In pieces of 50 ms: where the clock is followed, a tone is a few Hz off for a while.
        private double Level(double hertz)
        {
            int piece = _ears.SampleRate / 20;
            short[] heard = [.. Heard];
            return heard.Length < piece * 30 ? AudioLevel.Floor
                : Enumerable.Range(0, 20).Select(i => ToneDetector.LevelAt(heard.AsSpan(heard.Length - ((25 - i) * piece), piece), _ears.SampleRate, hertz)).Order().ElementAt(10);
        }

        public void Dispose() => peer.Dispose();

        private FakePeer Peer => peer;

        private static IAudioCodec Codec(string format) => AudioCodecs.Create(format switch { "0" => "PCMU", "8" => "PCMA", _ => "G722" }, 8000)!;

        private void Say()
        {
            short[] samples = new short[_mouth.SampleRate / 50];
            _tone.Read(samples);
            byte[] payload = new byte[160];
            _mouth.Encode(samples, payload);
            peer.SendPayload(byte.Parse(format, System.Globalization.CultureInfo.InvariantCulture), payload, false, peer.Timestamp);
            peer.Timestamp += 160;
        }

        private async Task HearAsync(CancellationToken over)
        {
            short[] samples = new short[960];
            while (!over.IsCancellationRequested)
            {
                if (await peer.HearAsync(100) is { } packet)
                    Heard.AddRange(samples.AsSpan(0, _ears.Decode(packet.Payload, samples)));
            }
        }
    }
}
