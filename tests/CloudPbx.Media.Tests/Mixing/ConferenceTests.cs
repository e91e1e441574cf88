using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>Mixing without sockets, on simulated time: who hears whom, measured by frequency.</summary>
public sealed class ConferenceTests
{
    private readonly Conference _conference = new();
    private readonly List<Party> _parties = [];
    private long _now;

    [Fact]
    public void Everybody_hears_the_others_and_not_itself_whatever_the_codecs_and_packet_times()
    {
        (AudioCodec Codec, int Ptime)[] kinds = OpusCodec.IsAvailable
            ? [(AudioCodec.Pcma, 20), (AudioCodec.Pcmu, 10), (AudioCodec.G722, 20), (AudioCodec.Opus, 60), (AudioCodec.Pcma, 40), (AudioCodec.Opus, 20)]
            : [(AudioCodec.Pcma, 20), (AudioCodec.Pcmu, 10), (AudioCodec.G722, 20), (AudioCodec.Pcma, 40)];
        for (int i = 0; i < kinds.Length; i++)
            Enter(kinds[i].Codec, 500 + (i * 310), kinds[i].Ptime);
        Run(3000);
        foreach (Party hearer in _parties)
        {
            foreach (Party speaker in _parties)
            {
                double level = hearer.LevelAt(speaker.Hertz);
                if (speaker == hearer)
                    Assert.True(level < -42, $"{hearer.Hertz} hears itself at {level:F1} dBm0");
                else
                    Assert.InRange(level, -19, -12);
            }
        }
    }

    [Fact]
    public void A_muted_party_hears_and_is_not_heard()
    {
        Party muted = Enter(AudioCodec.Pcma, 500), other = Enter(AudioCodec.G722, 900);
        muted.Participant.Rights = new MixRights { Muted = true };
        Run(2000);
        Assert.True(other.LevelAt(500) < -60);
        Assert.InRange(muted.LevelAt(900), -19, -12);
    }

    [Fact]
    public void A_whisper_is_heard_by_one_and_a_listener_by_nobody()
    {
        Party agent = Enter(AudioCodec.Pcma, 500), customer = Enter(AudioCodec.Pcma, 800), coach = Enter(AudioCodec.G722, 1100), listener = Enter(AudioCodec.Pcmu, 1400);
        coach.Participant.Rights = new MixRights { WhispersTo = agent.Participant.Leg };
        listener.Participant.Rights = new MixRights { Speaks = false };
        Run(2000);
        Assert.InRange(agent.LevelAt(1100), -19, -12);
        Assert.InRange(agent.LevelAt(800), -19, -12);
        Assert.True(customer.LevelAt(1100) < -55);
        Assert.All([agent, customer, coach], party => Assert.True(party.LevelAt(1400) < -50));
        Assert.All([500.0, 800.0], hertz => Assert.InRange(coach.LevelAt(hertz), -19, -12));
        Assert.All([500.0, 800.0], hertz => Assert.InRange(listener.LevelAt(hertz), -19, -12));
    }

    [Fact]
    public void Who_speaks_is_reported_once_for_each_talk()
    {
        Party first = Enter(AudioCodec.Pcma, 500), second = Enter(AudioCodec.Pcma, 800);
        second.IsSilent = true;
        Run(1000);
        (first.IsSilent, second.IsSilent) = (true, false);
        Run(2000);
        Assert.Equal([true, false], first.Spoke);
        Assert.Equal([true], second.Spoke);
    }

    [Fact]
    public void Coming_and_leaving_is_heard_by_all_as_a_rising_and_a_falling_tone()
    {
        Party party = Enter(AudioCodec.Pcma, 500);
        party.IsSilent = true;
        _conference.Announce(came: true);
        Run(400);
        Assert.InRange(ToneDetector.LevelAt(party.Heard.ToArray().AsSpan(400, 800), 8000, 523), -26, -20);
        Assert.InRange(ToneDetector.LevelAt(party.Heard.ToArray().AsSpan(1500, 800), 8000, 659), -26, -20);
    }

    [Fact]
    public void Two_hundred_parties_are_mixed_and_a_frame_allocates_nothing()
    {
        for (int i = 0; i < 200; i++)
            Enter(i % 8 == 7 ? AudioCodec.G722 : i % 2 == 0 ? AudioCodec.Pcma : AudioCodec.Pcmu, 300 + (i * 15), level: -30).KeepsNothing = true;
        Run(1500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(400);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Of_two_hundred_parties_of_all_codecs_one_speaks_and_the_others_hear_it()
    {
        AudioCodec[] codecs = OpusCodec.IsAvailable ? [AudioCodec.Pcma, AudioCodec.Pcmu, AudioCodec.G722, AudioCodec.Opus] : [AudioCodec.Pcma, AudioCodec.Pcmu, AudioCodec.G722];
        int[] spotChecks = [0, 1, 2, 3, 98, 99, 100, 101, 196, 197, 198, 199];      // each codec at the beginning, in the middle and at the end
        for (int i = 0; i < 200; i++)
        {
            Party party = Enter(codecs[i % codecs.Length], i == 120 ? 500 : 1000 + i, i % 3 == 0 ? 40 : 20);
            (party.IsSilent, party.KeepsNothing) = (i != 120, i != 120 && !spotChecks.Contains(i));
        }
        Run(2000);
        Assert.All(spotChecks, i => Assert.InRange(_parties[i].LevelAt(500), -19, -12));
        Assert.True(_parties[120].LevelAt(500) < -42, $"It hears itself at {_parties[120].LevelAt(500):F1} dBm0");

        (_parties[120].IsSilent, _parties[199].IsSilent) = (true, false);           // another one takes the floor
        Run(2000);
        Assert.All(spotChecks.SkipLast(1).Append(120), i => Assert.InRange(_parties[i].LevelAt(1199), -19, -12));
        Assert.All(spotChecks.Append(120), i => Assert.True(_parties[i].LevelAt(500) < -50));
        Assert.True(_parties[199].LevelAt(1199) < -42);
    }

    private Party Enter(AudioCodec codec, double hertz, int ptime = 20, double level = -15)
    {
        var party = new Party(codec, hertz, ptime, level, new LegId(CallId.New(), _parties.Count));
        _parties.Add(party);
        _conference.Add(party.Participant);
        return party;
    }

    private void Run(int milliseconds)
    {
        for (long end = _now + milliseconds; _now < end; _now += 10)
        {
            foreach (Party party in _parties)
                party.Speak(_now);
            if (_now % 20 != 0)
                continue;
            _conference.Mix(_now);
            foreach (Party party in _parties)
                party.Hear();
        }
    }

    private sealed class Party
    {
        private readonly Speaker _speaker;
        private readonly IAudioCodec _ears;
        private readonly short[] _decoded = new short[16 * 60];
        private readonly int _ptime;

        public Party(AudioCodec codec, double hertz, int ptime, double level, LegId leg)
        {
            Hertz = hertz;
            _ptime = ptime;
            _speaker = new Speaker(codec, hertz, ptime, level);
            _ears = AudioFormats.Create(AudioFormats.Of(codec))!;
            Participant = new Participant(leg, new MixPort(null!), MixFormat.Of(Speaker.MediaOf(codec, ptime), null)!) { OnSpeaking = (_, speaks) => Spoke.Add(speaks) };
        }

        public double Hertz { get; }

        public Participant Participant { get; }

        public List<short> Heard { get; } = [];

        public List<bool> Spoke { get; } = [];

        public bool IsSilent { get; set; }

        public bool KeepsNothing { get; set; }

        public void Speak(long now)
        {
            if (now % _ptime != 0)
                return;
            if (IsSilent)
                _speaker.Pause(_ptime);
            else
                Assert.True(Participant.Port.In.TryWrite(now * 1000, _speaker.Next()));
        }

        public void Hear()
        {
            while (Participant.Port.Out.TryRead(out _, out Span<byte> payload))
            {
                int length = _ears.Decode(payload, _decoded);
                if (!KeepsNothing)
                    Heard.AddRange(_decoded.AsSpan(0, length));
            }
        }

        /// <summary>The level of a tone in the last second that was heard.</summary>
        public double LevelAt(double hertz) => ToneDetector.LevelAt(Heard.ToArray().AsSpan(Heard.Count - _ears.SampleRate), _ears.SampleRate, hertz);
    }
}
