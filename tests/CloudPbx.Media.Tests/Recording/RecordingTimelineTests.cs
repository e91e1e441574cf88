using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Recording;

public sealed class RecordingTimelineTests
{
    public static TheoryData<int, int> PacketTimes
    {
        get
        {
            var pairs = new TheoryData<int, int>();
            int[] times = [10, 20, 30, 40, 60];
            foreach (int left in times)
            {
                foreach (int right in times)
                    pairs.Add(left, right);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(PacketTimes))]
    public void Any_pair_of_packet_times_is_recorded_sample_by_sample(int left, int right)
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 200_000), b = new(bench, 1, 200_000);
        while (a.Microseconds < 5_000_000)
            a.Say(left);
        while (b.Microseconds < 5_000_000)
            b.Say(right);
        RecordingFigures figures = bench.Finish(6_000_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        int atLeft = AssertHeard(a.Said, bench.Channel(0)), atRight = AssertHeard(b.Said, bench.Channel(1));
        Assert.InRange(atLeft - atRight, -1, 1);                                // both began at one instant: they lie side by side
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(20, true)]
    [InlineData(20, false)]
    [InlineData(60, true)]
    public void A_disk_that_hangs_for_seconds_costs_no_sample(int milliseconds, bool bothTalk)
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000), b = new(bench, 1, 130_000);
        while (a.Microseconds < 9_000_000)
        {
            a.Say(milliseconds);
            if (bothTalk)
                b.Say(milliseconds);
        }
        bench.RunTo(1_000_000);
        bench.RunTo(8_000_000, step: 3_500_000);
        RecordingFigures figures = bench.Finish(10_000_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        AssertHeard(a.Said, bench.Channel(0));
        if (bothTalk)
            AssertHeard(b.Said, bench.Channel(1));
    }

    [Fact]
    public void Packet_times_may_change_during_the_call()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000), b = new(bench, 1, 130_000);
        int[] times = [20, 40, 10, 60, 30];
        for (int i = 0; i < 200; i++)
        {
            a.Say(times[i % times.Length]);
            b.Say(times[i / 3 % times.Length]);
        }
        Assert.Equal(0, bench.Finish(12_000_000).Gaps);
        AssertHeard(a.Said, bench.Channel(0));
        AssertHeard(b.Said, bench.Channel(1));
    }

    /// <summary>Codecs of one rate at both sides, each packet time with each that it changes to during the call, in order and not.</summary>
    public static TheoryData<string, string, int, int, bool> Changes
    {
        get
        {
            var cases = new TheoryData<string, string, int, int, bool>();
            int[] times = [10, 20, 30, 40, 60];
            foreach ((string left, string right) in new[] { ("PCMU", "PCMU"), ("PCMU", "PCMA"), ("PCMA", "PCMA"), ("G722", "G722") })
            {
                foreach (int before in times)
                {
                    foreach (int after in times)
                    {
                        cases.Add(left, right, before, after, false);
                        cases.Add(left, right, before, after, true);
                    }
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Without_loss_every_sample_is_there_whatever_codecs_packet_times_and_order(string left, string right, int before, int after, bool reordered)
    {
        using var bench = new RecordingBench(left == "G722" ? 16000 : 8000);
        Talker a = new(bench, 0, 200_000, format: Enum.Parse<AudioFormat>(left, ignoreCase: true)), b = new(bench, 1, 200_000, format: Enum.Parse<AudioFormat>(right, ignoreCase: true));
        var random = new Random((before * 100) + after);
        Talk(2_000_000, before, after);
        Talk(4_000_000, after, before);
        Talk(5_000_000, before, before);
        RecordingFigures figures = bench.Finish(6_500_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        int atLeft = AssertHeard(a.Said, bench.Channel(0)), atRight = AssertHeard(b.Said, bench.Channel(1));
        if (!reordered)
            Assert.InRange(atLeft - atRight, -1, 1);

        void Talk(long until, int lefts, int rights)
        {
            while (a.Microseconds < until)
                a.Say(lefts, Delay());
            while (b.Microseconds < until)
                b.Say(rights, Delay());
        }

        long Delay() => reordered ? 1000 + random.Next(150_000) : 1000;
    }

    [Fact]
    public void A_pause_of_noise_is_recorded_as_noise_of_that_level_and_is_no_loss()        // RFC 3389, INTEROP I58
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 50; i++)
            a.Say(20);
        a.Hush(50);
        a.Rest(1000);
        int spoken = a.Said.Count;
        for (int i = 0; i < 50; i++)
            a.Say(20);
        RecordingFigures figures = bench.Finish(4_000_000);
        Assert.Equal((false, 0, 0L), (figures.IsPartial, figures.Gaps, figures.ConcealedMilliseconds));
        short[] channel = [.. bench.Channel(0)];
        int begins = channel.AsSpan().IndexOf(a.Said.ToArray().AsSpan(0, 400));
        ReadOnlySpan<short> pause = channel.AsSpan(begins + spoken, 8000);
        Assert.InRange(Audio.Tones.ComfortNoise.LevelOf(pause), 49, 51);
        Assert.True(channel.AsSpan(begins + spoken + 8000).StartsWith(a.Said.ToArray().AsSpan(spoken, 4000)));
    }

    [Fact]
    public void Packets_out_of_order_and_late_by_a_third_of_a_second_land_where_they_belong()
    {
        using var bench = new RecordingBench();
        var random = new Random(5);
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 500; i++)
            a.Say(20, i % 10 == 0 ? 1000 : 1000 + random.Next(300_000));
        RecordingFigures figures = bench.Finish(12_000_000);
        Assert.Equal((0, 0), (figures.Gaps, figures.Notes.Count));
        AssertHeard(a.Said, bench.Channel(0));
    }

    [Fact]
    public void What_comes_long_before_its_time_waits_and_none_of_it_is_lost()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 100; i++)
            a.Say(20);
        long burst = a.Microseconds;
        for (int i = 0; i < 30; i++)
            a.Say(20, burst + 5000 - a.Microseconds - 20_000);                  // all at once: twice what a talk in time has waiting
        for (int i = 0; i < 100; i++)
            a.Say(20);
        RecordingFigures figures = bench.Finish(8_000_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        AssertHeard(a.Said, bench.Channel(0));
    }

    [Fact]
    public void A_talk_that_ends_with_much_of_it_waiting_is_recorded_whole()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000), b = new(bench, 1, 100_000);
        for (int i = 0; i < 100; i++)
        {
            a.Say(20);
            b.Say(20);
        }
        a.Ssrc++;                                                               // another device: all that waits is given out at once, while its block is full already
        a.Sequence += 5000;
        for (int i = 0; i < 100; i++)
        {
            a.Say(20);
            b.Say(20);
        }
        RecordingFigures figures = bench.Finish(4_200_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        AssertHeard(a.Said, bench.Channel(0));
        AssertHeard(b.Said, bench.Channel(1));
    }

    [Fact]
    public void A_party_that_changes_its_SSRC_again_and_again_costs_no_memory()
    {
        using var recording = new SessionRecording(RecordingId.New(), RecordingBench.Key, 8000, 0, new RecorderScratch(), () => null);
        byte[] payload = new byte[160];
        void Talk(uint first, uint sources)
        {
            for (uint i = first; i < first + sources; i++)
            {
                recording.Add(new TappedPacket { Format = AudioFormat.Pcma, Ssrc = i, Extended = 70_000, Arrival = i * 20_000, PayloadLength = 160 }, payload);
                recording.Advance(i * 20_000);
            }
        }
        Talk(1, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Talk(101, 300);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Two_packets_with_one_timestamp_are_both_heard()                 // INTEROP I51
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 200; i++)
        {
            uint timestamp = a.Timestamp;
            a.Say(10);
            a.Timestamp = timestamp;                                            // the second says the same
            a.Say(10);
            a.Timestamp = timestamp + 160;
        }
        Assert.Equal(0, bench.Finish(6_000_000).Gaps);
        AssertHeard(a.Said, bench.Channel(0));
    }

    [Fact]
    public void What_is_lost_keeps_its_length_and_is_listed()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 300; i++)
            a.Say(20, lost: i is 100 or 101 or 102 or 200);
        RecordingFigures figures = bench.Finish(8_000_000);
        Assert.Equal((2, 80), (figures.Gaps, figures.ConcealedMilliseconds));
        short[] heard = bench.Channel(0);
        int at = AssertHeard(a.Said[..16000], heard);
        Assert.Equal(a.Said[(103 * 160)..(200 * 160)], heard.AsSpan(at + (103 * 160), 97 * 160).ToArray());
        Assert.Equal(a.Said[(201 * 160)..], heard.AsSpan(at + (201 * 160), 99 * 160).ToArray());
        Assert.Contains(heard.AsSpan(at + 16000, 160).ToArray(), s => s != 0);  // made up, not a hole
        RecordedNote first = figures.Notes[0];
        Assert.Equal((RecordedNoteKind.Gap, 0, 60_000L), (first.Kind, first.Channel, first.Microseconds));
        Assert.InRange(first.AtMilliseconds, (at / 8) + 2000 - 1, (at / 8) + 2000 + 1);
    }

    [Fact]
    public void Every_gap_of_an_hour_with_loss_is_listed()
    {
        RecordingNotes notes = new();
        Random random = new(1);
        List<(int Channel, long Position)> lost = [];
        for (long packet = 0; packet < 3600 * 50; packet++)
            for (int channel = 0; channel < 2; channel++)
                if (random.Next(100) < 3)
                {
                    notes.Gap(channel, packet * 160, 160);
                    lost.Add((channel, packet * 160));
                }
        notes.Pause(3600 * 8000, 8000);
        Assert.InRange(lost.Count, 10_000, 12_000);
        Assert.InRange(notes.All.Count, RecordingNotes.Most / 2, RecordingNotes.Most);
        Assert.Equal((lost.Count, lost.Count * 160L), (notes.Gaps, notes.ConcealedSamples));
        RecordingNote[] gaps = [.. notes.All.Where(note => note.Kind == RecordingNoteKind.Gap)];
        Assert.Equal((lost.Count, lost.Count * 160L), (gaps.Sum(note => note.Count), gaps.Sum(note => note.Samples)));
        Assert.All(lost, gap => Assert.Single(gaps, note => note.Channel == gap.Channel && note.Position <= gap.Position && gap.Position + 160 <= note.Position + note.Span));
        Assert.All(gaps, note => Assert.InRange(note.Span, 160, 20 * 8000));                        // they still say where
        Assert.Equal((RecordingNoteKind.Pause, 1), (notes.All[^1].Kind, notes.All[^1].Count));
    }

    [Fact]
    public void Pauses_are_never_put_together_and_gaps_not_across_them()
    {
        RecordingNotes notes = new();
        for (int i = 0; i < RecordingNotes.Most; i++)
        {
            notes.Pause(i * 8000, 10);
            notes.Gap(0, (i * 8000) + 100, 160);
        }
        Assert.Equal(2 * RecordingNotes.Most, notes.All.Count);
    }

    [Fact]
    public void A_pause_of_the_talk_is_silence_of_its_length_and_no_loss()      // INTEROP I58: silence suppression
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 50; i++)
            a.Say(20);
        a.Rest(3000);
        for (int i = 0; i < 50; i++)
            a.Say(20);
        Assert.Equal(0, bench.Finish(6_000_000).Gaps);
        short[] heard = bench.Channel(0);
        int at = AssertHeard(a.Said[..8000], heard);
        Assert.All(heard.AsSpan(at + 8000, 24000).ToArray(), s => Assert.Equal(0, s));
        Assert.Equal(a.Said[8000..], heard.AsSpan(at + 32000, 8000).ToArray());
    }

    [Fact]
    public void A_phone_that_restarts_its_numbers_goes_on_where_the_clock_says() // INTEROP I61
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 50; i++)
            a.Say(20);
        a.Rest(1000);
        (a.Ssrc, a.Sequence, a.Timestamp) = (4711, 9, 12345);
        for (int i = 0; i < 50; i++)
            a.Say(20);
        Assert.Equal(0, bench.Finish(5_000_000).Gaps);
        short[] heard = bench.Channel(0);
        int at = AssertHeard(a.Said[..8000], heard);
        Assert.Equal(at + 16000, AssertHeard(a.Said[8000..], heard));
    }

    [Fact]
    public void Telephone_events_between_are_no_loss()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 100; i++)
        {
            a.Say(20);
            if (i != 50)
                continue;
            for (int event_ = 0; event_ < 5; event_++, a.Sequence++)
                bench.Arrive(a.Microseconds + (event_ * 20_000), new() { Ssrc = a.Ssrc, Extended = a.Sequence, Timestamp = a.Timestamp }, [5, 0, 0, 160]);
            a.Rest(100);
        }
        Assert.Equal(0, bench.Finish(5_000_000).Gaps);
        AssertHeard(a.Said[..(51 * 160)], bench.Channel(0));
    }

    [Fact]
    public void A_paused_recording_has_the_paused_time_but_not_its_words()      // SECURITY.md S34
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 100; i++)
            a.Say(20);
        bench.RunTo(2_110_000);
        bench.Recording.Pause(2_110_000);
        for (int i = 0; i < 100; i++)
            a.Say(20, lost: true);                                              // the tap is off
        bench.RunTo(4_110_000);
        bench.Recording.Resume(4_110_000);
        bench.Arrive(4_110_000, new() { IsBreak = true }, []);
        for (int i = 0; i < 100; i++)
            a.Say(20);
        RecordingFigures figures = bench.Finish(7_000_000);
        Assert.Equal(0, figures.Gaps);
        Assert.Equal((RecordedNoteKind.Pause, -1, 2_000_000L), (figures.Notes[0].Kind, figures.Notes[0].Channel, figures.Notes[0].Microseconds));
        short[] heard = bench.Channel(0);
        int at = AssertHeard(a.Said[..16000], heard);
        Assert.All(heard.AsSpan(at + 16000, 16000).ToArray(), s => Assert.Equal(0, s));
        Assert.Equal(a.Said[32000..], heard.AsSpan(at + 32000, 16000).ToArray());
    }

    [Theory]
    [MemberData(nameof(PacketTimes))]
    public void Beside_a_wide_party_every_sample_of_a_narrow_one_is_there(int before, int after)
    {
        using var bench = new RecordingBench(16000);
        Talker a = new(bench, 0, 200_000, format: AudioFormat.G722), b = new(bench, 1, 210_000, format: before == after ? AudioFormat.Pcmu : AudioFormat.Pcma);
        for (int i = 0; i < 100; i++)
        {
            a.Say(after);
            b.Say(i < 50 ? before : after, delay: i % 7 == 3 ? 70_000 : 1000);                      // some come after the next
        }
        int first = b.Said.Count;
        b.Rest(300);
        for (int i = 0; i < 50; i++)
            b.Say(after);
        RecordingFigures figures = bench.Finish(b.Microseconds + 1_000_000);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        AssertHeard(a.Said, bench.Channel(0));
        short[] heard = bench.Channel(1);
        (int at, short[] narrow) = AssertNarrowHeard(b.Said[..first], heard, out int start);
        int again = narrow.AsSpan().IndexOf(b.Said[first..].ToArray());                             // to its last sample
        Assert.Equal(at + first + (300 * 8), again);
        Assert.All(narrow.AsSpan(at + first + 40, (300 * 8) - 80).ToArray(), sample => Assert.Equal(0, sample));
        Assert.InRange((at + (start / 2.0)) / 8, 100 + 210, 100 + 210 + 3);                         // in milliseconds: the lead, and what the resampler keeps back
    }

    [Theory]
    [InlineData(210_000)]
    [InlineData(210_063)]                                                       // an odd sample of the recording
    public void Beside_a_wide_party_a_narrow_ones_loss_is_made_up_without_a_hole_and_what_came_is_there(long start)
    {
        const int packets = 120;
        using var bench = new RecordingBench(16000);
        using var toneBench = new RecordingBench(16000);
        Talker noise = new(bench, 1, start, format: AudioFormat.Pcmu), tone = new(toneBench, 1, start, format: AudioFormat.Pcmu, voice: n => (short)(8000 * Math.Sin(2 * Math.PI * 250 * n / 8000)));
        for (int i = 0; i < packets; i++)
        {
            noise.Say(20, lost: IsLost(i));
            tone.Say(20, lost: IsLost(i));
        }
        RecordingFigures figures = bench.Finish(4_000_000);
        toneBench.Finish(4_000_000);
        Assert.Equal((false, packets / 7, packets / 7 * 20L), (figures.IsPartial, figures.Gaps, figures.ConcealedMilliseconds));

        (int at, short[] heard) = AssertNarrowHeard(noise.Said[..(6 * 160)], bench.Channel(1));
        for (int i = 0; i < packets; i++)
        {
            if (!IsLost(i))
                Assert.Equal(noise.Said[(i * 160)..((i + 1) * 160)], heard.AsSpan(at + (i * 160), 160).ToArray());
        }

        short[] wide = toneBench.Channel(1);
        int first = Array.FindIndex(wide, sample => sample > 4000), last = Array.FindLastIndex(wide, sample => sample > 4000);
        Assert.InRange(last - first, ((packets * 20) - 4) * 16, packets * 20 * 16);
        for (int i = first + 64; i < last - 64; i++)
            Assert.InRange(Math.Abs(wide[i] - wide[i - 1]), 0, 1100);           // a step of the tone is 785 at most: no click
        for (int i = first + 64; i < last - 128; i += 16)
            Assert.InRange(wide.AsSpan(i, 64).ToArray().Max(), 5500, 9000);     // in each of its periods: no hole

        static bool IsLost(int packet) => packet % 7 == 6;                      // also where the recorder's step ends within
    }

    [Fact]
    public void A_codec_that_changes_to_a_wider_one_and_back_without_a_pause_loses_no_sample_and_no_time()
    {
        using var bench = new RecordingBench(16000);
        Talker narrow = new(bench, 1, 200_000, format: AudioFormat.Pcmu);
        for (int i = 0; i < 50; i++)
            narrow.Say(20);
        Talker wide = new(bench, 1, narrow.Microseconds, format: AudioFormat.G722) { Sequence = narrow.Sequence, Timestamp = narrow.Timestamp };
        for (int i = 0; i < 50; i++)
            wide.Say(20);
        Talker again = new(bench, 1, wide.Microseconds, format: AudioFormat.Pcmu, voice: n => n < 80 ? (short)0 : (short)(8000 * Math.Sin(n * n))) { Sequence = wide.Sequence, Timestamp = wide.Timestamp };
        for (int i = 0; i < 50; i++)
            again.Say(20);
        RecordingFigures figures = bench.Finish(5_000_000);
        Assert.Equal((false, 0, 0), (figures.IsPartial, figures.Gaps, figures.Notes.Count));

        short[] heard = bench.Channel(1);
        int wideAt = AssertHeard(wide.Said, heard);
        (int narrowAt, _) = AssertNarrowHeard(narrow.Said, heard, out int phase);
        Assert.Equal((2 * (narrowAt + narrow.Said.Count)) + phase - 1, wideAt);                     // at once after the narrow one's last sample
        Assert.All(heard.AsSpan(wideAt + wide.Said.Count, 100).ToArray(), sample => Assert.Equal(0, sample));       // nothing of the first words is left
        AssertNarrowHeard(again.Said[80..], heard[(wideAt + wide.Said.Count)..]);
    }

    [Fact]
    public void Wideband_is_recorded_as_it_is_decoded_and_the_other_side_resampled()
    {
        using var bench = new RecordingBench(16000);
        Talker a = new(bench, 0, 200_000, format: AudioFormat.G722), b = new(bench, 1, 200_000, voice: n => (short)(8000 * Math.Sin(2 * Math.PI * 440 * n / 8000)));
        for (int i = 0; i < 200; i++)
        {
            a.Say(20);
            b.Say(20);
        }
        Assert.Equal(0, bench.Finish(6_000_000).Gaps);
        AssertHeard(a.Said, bench.Channel(0));
        Audio.Tones.ToneMeasurement tone = Audio.Tones.ToneDetector.Measure(bench.Channel(1).AsSpan(8000, 32000), 16000);
        Assert.InRange(tone.Hertz, 439, 441);
        Assert.True(tone.Purity > 0.99, $"{tone.Purity}");
    }

    [Fact]
    public void Opus_is_decoded_packet_by_packet()
    {
        if (!Audio.Codecs.OpusCodec.IsAvailable)
            Assert.Skip(Audio.Codecs.OpusCodec.Missing);
        using var bench = new RecordingBench(16000);
        Talker a = new(bench, 0, 200_000, format: AudioFormat.Opus, voice: n => (short)(8000 * Math.Sin(2 * Math.PI * 440 * n / 16000)));
        for (int i = 0; i < 100; i++)
            a.Say(i % 2 == 0 ? 20 : 40);
        Assert.Equal(0, bench.Finish(5_000_000).Gaps);
        AssertHeard(a.Said, bench.Channel(0));
    }

    [Fact]
    public void Over_an_hour_clocks_100_ppm_apart_stay_within_10_ms_of_true_time()
    {
        using var bench = new RecordingBench();
        // Two seconds of talk, half a second of quiet, over and over; a click at each full second of true time by which it is measured.
        Talker a = new(bench, 0, 0, +50, voice: n => Speech(n, 50)), b = new(bench, 1, 0, -50, voice: n => Speech(n, -50));
        const long hour = 3_600_000_000;
        for (long now = 0; now < hour; now += 10_000_000)
        {
            while (a.Microseconds < now + 10_000_000)
                a.Say(20);
            while (b.Microseconds < now + 10_000_000)
                b.Say(30);
            a.Said.Clear();
            b.Said.Clear();
            bench.RunTo(now);
        }
        RecordingFigures figures = bench.Finish(hour + 1_000_000);
        Assert.Equal(0, figures.Gaps);
        for (int channel = 0; channel < 2; channel++)
        {
            short[] heard = bench.Channel(channel);
            for (int second = 5; second < 3595; second += 5)
            {
                int expected = (second * 8000) + 800;                           // the lead
                int found = Array.FindIndex(heard, expected - 400, 800, s => s > 20000);
                Assert.True(found >= 0 && Math.Abs(found - expected) <= 80, $"channel {channel} at {second} s: {found - expected} samples off");
            }
        }
        Assert.NotEmpty(figures.Notes);
        Assert.All(figures.Notes, note => Assert.Equal(RecordedNoteKind.Correction, note.Kind));

        static short Speech(long sample, double ppm)
        {
            double seconds = sample / 8000.0 / (1 + (ppm / 1e6));               // true time
            double part = seconds % 2.5;
            if (Math.Abs(seconds - Math.Round(seconds)) < 0.0003 && Math.Round(seconds) % 5 == 0)
                return 30000;
            return part < 2 ? (short)(4000 * Math.Sin(2 * Math.PI * 300 * seconds)) : (short)0;
        }
    }

    /// <summary>Finds what was said, whole and unchanged.</summary>
    /// <returns>Where it begins.</returns>
    private static int AssertHeard(List<short> said, short[] heard)
    {
        int at = heard.AsSpan().IndexOf(said.Take(400).ToArray());
        Assert.True(at >= 0, "its beginning is not there");
        Assert.Equal(said.ToArray(), heard.AsSpan(at, Math.Min(said.Count, heard.Length - at)).ToArray());
        return at;
    }

    private static (int At, short[] Narrow) AssertNarrowHeard(List<short> said, short[] heard) => AssertNarrowHeard(said, heard, out _);

    /// <summary>Finds what a party of half the recording's rate said, as every second sample.</summary>
    /// <param name="said">It.</param>
    /// <param name="heard">The channel.</param>
    /// <param name="phase">Which of two samples it is.</param>
    /// <returns>Where it begins among these, and these.</returns>
    private static (int At, short[] Narrow) AssertNarrowHeard(List<short> said, short[] heard, out int phase)
    {
        short[][] halves = [.. Enumerable.Range(0, 2).Select(start => heard.Where((_, i) => i % 2 == start).ToArray())];
        phase = Array.FindIndex(halves, half => half.AsSpan().IndexOf(said.Take(400).ToArray()) >= 0);
        Assert.True(phase >= 0, "its beginning is not there");
        return (AssertHeard(said, halves[phase]), halves[phase]);
    }
}
