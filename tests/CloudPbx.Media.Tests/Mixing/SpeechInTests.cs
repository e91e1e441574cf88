using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Relay;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>What a listener inside the node makes of a party's packets, on simulated time.</summary>
public sealed class SpeechInTests
{
    private const double Hertz = 600;

    private readonly short[] _frame = new short[160];
    private readonly List<short> _heard = [];

    public static TheoryData<string, int> CodecsAndPacketTimes
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string codec in OpusCodec.IsAvailable ? ["PCMU", "PCMA", "G722", "opus"] : (string[])["PCMU", "PCMA", "G722"])
            {
                foreach (int ptime in (int[])[10, 20, 40, 60])      // 10 ms is what GNOME Calls sends
                    data.Add(codec, ptime);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CodecsAndPacketTimes))]
    public void A_party_is_heard_without_a_gap_whatever_its_codec_and_packet_time(string codec, int ptime)         // INTEROP I50
    {
        var speaker = new Speaker(CodecOf(codec), Hertz, ptime);
        SpeechIn speech = SpeechOf(codec);
        for (int now = 0; now < 4000; now += 10)
        {
            if (now % ptime == 0)
                speech.Add(Speaker.Parse(speaker.Next()), now);
            if (now % 20 == 0)
                Take(speech, now);
        }
        IsClean(2, 0.97);
        Assert.Equal(0, speech.Concealed);
    }

    [Fact]
    public void A_pause_of_noise_is_noise_of_that_level_until_the_talk_goes_on()         // RFC 3389 §5.1, INTEROP I58
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        for (int now = 0; now < 1000; now += 20)
        {
            speech.Add(Speaker.Parse(speaker.Next()), now);
            Take(speech, now);
        }
        speech.Add(Speaker.Parse(speaker.Noise(45)), 1000);
        speaker.Pause(2000);
        _heard.Clear();
        for (int now = 1000; now < 3000; now += 20)
            Take(speech, now);
        Assert.InRange(ComfortNoise.LevelOf(_heard.ToArray().AsSpan(1600)), 44, 46);
        Assert.Equal(0, speech.Concealed);
        _heard.Clear();
        for (int now = 3000; now < 6000; now += 20)
        {
            speech.Add(Speaker.Parse(speaker.Next(marker: now == 3000)), now);
            Take(speech, now);
        }
        IsClean(1, 0.97);
    }

    [Fact]
    public void Jitter_is_smoothed_out_after_the_first_second()
    {
        var random = new Random(4);
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        var arrivals = new PriorityQueue<byte[], int>();
        for (int sent = 0; sent < 10_000; sent += 20)
            arrivals.Enqueue(speaker.Next().ToArray(), sent + random.Next(60));
        long early = 0;
        for (int now = 0; now < 10_000; now += 20)
        {
            while (arrivals.TryPeek(out byte[]? packet, out int at) && at <= now)
                speech.Add(Speaker.Parse(arrivals.Dequeue()), at);
            Take(speech, now);
            if (now == 2000)
                early = speech.Concealed;
        }
        Assert.InRange(speech.DelayMilliseconds, 50, 80);
        Assert.True(speech.Concealed - early < 8 * 80, $"{(speech.Concealed - early) / 8} ms made up in eight seconds");
        IsClean(3, 0.9);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    public void Lost_packets_are_made_up_so_that_the_tone_goes_on(int ptime)                                       // ITU-T G.711 Appendix I
    {
        var speaker = new Speaker(AudioCodec.Pcmu, Hertz, ptime);
        SpeechIn speech = SpeechOf("PCMU");
        int packet = 0;
        for (int now = 0; now < 6000; now += 20)
        {
            if (now % ptime == 0)
            {
                ReadOnlySpan<byte> next = speaker.Next();
                if (++packet % 25 != 0)                                     // 4 %
                    speech.Add(Speaker.Parse(next), now);
            }
            Take(speech, now);
        }
        Assert.InRange(speech.Concealed, 200 * 8, 400 * 8);
        IsClean(2, 0.9);
    }

    [Fact]
    public void A_packet_that_comes_after_its_time_is_cut_to_what_is_still_to_be_heard_and_nothing_is_heard_twice()
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        byte[]? late = null;
        for (int now = 0; now < 4000; now += 20)
        {
            byte[] packet = speaker.Next().ToArray();
            if (now == 2000)
                late = packet;
            else
                speech.Add(Speaker.Parse(packet), now);
            if (now == 2060)
                speech.Add(Speaker.Parse(late!), now);
            Take(speech, now);
        }
        Assert.InRange(speech.Concealed, 1, 8 * 45);
        Assert.Equal(4000 * 8, _heard.Count);
        IsClean(2, 0.95);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(1500)]
    public void A_way_that_became_longer_is_followed_and_leaves_no_gaps_behind(int longer)       // and so is a sender whose timestamps stood still meanwhile
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        long concealed = 0;
        for (int now = 0; now < 8000; now += 10)
        {
            bool isOnItsWay = now >= 2000 && now < 2000 + longer;
            if (!isOnItsWay && now % 20 == (now / 20 % 2 == 0 ? 0 : 10))                            // each second one comes 10 ms later
                speech.Add(Speaker.Parse(speaker.Next()), now);
            if (now == 2000 + longer + 1500)
                concealed = speech.Concealed;
            if (now % 20 == 0)
                Take(speech, now);
        }
        Assert.Equal(concealed, speech.Concealed);
    }

    [Fact]
    public void Silence_suppression_is_silence_and_the_next_talk_begins_whole()                                    // RFC 3551 §4.1, INTEROP I58
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        var speaks = new List<bool>();
        for (int now = 0; now < 5000; now += 20)
        {
            if (now == 1500)
                speaker.Pause(2000);
            if (now is < 1500 or >= 3500)
                speech.Add(Speaker.Parse(speaker.Next(marker: now is 0 or 3500)), now);
            speaks.Add(Take(speech, now));
        }
        Assert.True(speaks[50]);
        Assert.All(speaks[90..174], speaking => Assert.False(speaking));
        Assert.True(AudioLevel.Of(_heard.ToArray().AsSpan(1800 * 8, 1600 * 8)) < -100);
        IsClean(4, 0.97);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void A_clock_that_runs_off_is_followed_without_a_gap(int partsPerMillion)
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        double next = 0;
        for (int now = 0; now < 600_000; now += 20)                         // ten minutes: 120 ms of drift
        {
            for (; next <= now; next += 20 * (1 - (partsPerMillion / 1e6)))
                speech.Add(Speaker.Parse(speaker.Next()), (long)next);
            Take(speech, now);
        }
        Assert.True(speech.Concealed < 8 * 60, $"{speech.Concealed / 8} ms made up");
        Assert.InRange(speech.DelayMilliseconds, 20, 40);
        IsClean(595, 0.95);
    }

    [Fact]
    public void Two_packets_with_one_timestamp_do_not_stall_it()                                                   // INTEROP I51
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz, 10);
        SpeechIn speech = SpeechOf("PCMA");
        for (int now = 0; now < 3000; now += 20)
        {
            byte[] first = speaker.Next().ToArray(), second = speaker.Next().ToArray();
            first.AsSpan(4, 4).CopyTo(second.AsSpan(4));
            speech.Add(Speaker.Parse(first), now);
            speech.Add(Speaker.Parse(second), now);
            Take(speech, now);
        }
        IsClean(2, 0.95);
    }

    [Fact]
    public void Any_packets_are_survived()
    {
        var random = new Random(8);
        SpeechIn speech = SpeechOf("PCMA");
        byte[] packet = new byte[400];
        for (int now = 0; now < 400_000; now += 20)
        {
            for (int i = random.Next(4); i > 0; i--)
            {
                random.NextBytes(packet);
                Rtp.Packets.RtpHeader.Write(
                    packet, 8, random.Next(9) == 0, (ushort)(random.Next(5) == 0 ? random.Next(65_536) : now / 20), random.Next(5) == 0 ? (uint)random.NextInt64(1L << 32) : (uint)now * 8, (uint)random.Next(50) / 49);
                speech.Add(Speaker.Parse(packet.AsSpan(0, random.Next(12, 400))), now + random.Next(100));
            }
            speech.Take(now, _frame);
        }
    }

    [Fact]
    public void Taking_allocates_nothing()
    {
        var speaker = new Speaker(AudioCodec.Pcma, Hertz);
        SpeechIn speech = SpeechOf("PCMA");
        long now = 0;
        void Run(int frames)
        {
            for (int i = 0; i < frames; i++, now += 20)
            {
                if (i % 17 != 0)
                    speech.Add(Speaker.Parse(speaker.Next()), now);
                speech.Take(now, _frame);
            }
        }
        Run(500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(500);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static AudioCodec CodecOf(string name) => name switch { "PCMU" => AudioCodec.Pcmu, "PCMA" => AudioCodec.Pcma, "G722" => AudioCodec.G722, _ => AudioCodec.Opus };

    private static SpeechIn SpeechOf(string codec) => new(8000) { Kinds = PayloadKinds.Of(Speaker.MediaOf(CodecOf(codec))) };

    private bool Take(SpeechIn speech, long now)
    {
        bool speaks = speech.Take(now, _frame);
        _heard.AddRange(_frame);
        return speaks;
    }

    /// <summary>The tone, and hardly anything else, from a second on.</summary>
    private void IsClean(int fromSecond, double purity)
    {
        ToneMeasurement heard = ToneDetector.Measure(_heard.ToArray().AsSpan(fromSecond * 8000), 8000);
        Assert.InRange(heard.Hertz, Hertz - 6, Hertz + 6);
        Assert.True(heard.Purity >= purity, $"purity {heard.Purity:F3}");
    }
}
