using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Tones;

/// <summary>The receiver's limits are those of ITU-T Q.24, table A-1.</summary>
public sealed class DtmfDetectorTests
{
    private const string All = "0123456789*#ABCD";

    [Theory]
    [InlineData(40, 40)]
    [InlineData(60, 60)]
    [InlineData(120, 80)]
    [InlineData(1000, 100)]
    public void Every_digit_is_heard_once(int on, int off) =>
        Assert.Equal(All + "1122", Hear(Dtmf.Generate(All + "1122", 8000, on, off)));

    [Fact]
    public void Digits_are_heard_over_noise_and_at_the_levels_of_long_lines()
    {
        var random = new Random(2);
        foreach (double gain in (double[])[1.5, 1, 0.3, 0.06])
        {
            short[] samples = [.. Dtmf.Generate(All, 8000).Select(s => (short)((s * gain) + random.Next((int)(-500 * gain), (int)(500 * gain))))];
            Assert.Equal(All, Hear(samples));
        }
    }

    [Theory]
    [InlineData(1.015, true)]
    [InlineData(0.985, true)]
    [InlineData(1.04, false)]
    [InlineData(0.96, false)]
    public void Frequencies_a_little_off_are_taken_and_others_not(double factor, bool heard) =>
        Assert.Equal(heard ? "5" : "", Hear(Pair(770 * factor, 1336 * factor, -12, -12)));

    [Theory]
    [InlineData(-12, -9, true)]
    [InlineData(-12, -15, true)]
    [InlineData(-20, -8, false)]                             // the column 12 dB stronger
    [InlineData(-8, -16, false)]                             // the row 8 dB stronger
    [InlineData(-45, -45, false)]                            // too quiet
    public void The_two_tones_must_agree_in_level(double row, double column, bool heard) =>
        Assert.Equal(heard ? "5" : "", Hear(Pair(770, 1336, row, column)));

    [Fact]
    public void A_short_tone_is_none_and_a_short_break_makes_no_second_digit()
    {
        Assert.Equal("", Hear(Dtmf.Generate("5", 8000, 18, 100)));
        short[] broken = Dtmf.Generate("5", 8000, 200, 100);
        broken.AsSpan(800, 64).Clear();                      // 8 ms
        Assert.Equal("5", Hear(broken));
    }

    [Fact]
    public void Noise_and_gliding_voices_are_no_digits()    // talk-off
    {
        var random = new Random(3);
        short[] samples = new short[8000 * 60];
        double phase = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            // A voice: a fundamental that glides, with ten harmonics, louder and quieter; and noise now and then.
            double hertz = 140 + (60 * Math.Sin(i / 3100.0));
            phase += 2 * Math.PI * hertz / 8000;
            double voice = 0;
            for (int harmonic = 1; harmonic <= 10; harmonic++)
                voice += Math.Sin(phase * harmonic) / harmonic;
            samples[i] = (short)((4000 * voice * Math.Abs(Math.Sin(i / 2000.0))) + random.Next(-1500, 1500) * (i / 4000 % 2));
        }
        Assert.Equal("", Hear(samples));
    }

    [Fact]
    public void The_duration_is_told_and_hearing_allocates_nothing()
    {
        short[] samples = Dtmf.Generate("7", 8000, 300, 100);
        var detector = new DtmfDetector();
        int Run()
        {
            int duration = 0;
            ReadOnlySpan<short> rest = samples;
            while (!rest.IsEmpty)
            {
                if (detector.Hear(ref rest, out _) == '7')
                    duration = detector.DurationMilliseconds;
            }
            return duration;
        }
        Assert.InRange(Run(), 275, 325);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static short[] Pair(double row, double column, double rowLevel, double columnLevel)
    {
        short[] first = new short[800], second = new short[1600];
        new ToneGenerator(new Tone(row, LevelDbm0: rowLevel), 8000).Read(first);
        new ToneGenerator(new Tone(column, LevelDbm0: columnLevel), 8000).Read(second.AsSpan(0, 800));
        for (int i = 0; i < 800; i++)
            second[i] += first[i];
        return second;
    }

    private static string Hear(short[] samples)
    {
        var detector = new DtmfDetector();
        string heard = "";
        for (int at = 0; at < samples.Length; at += 160)
        {
            ReadOnlySpan<short> rest = samples.AsSpan(at, Math.Min(160, samples.Length - at));
            while (!rest.IsEmpty)
            {
                if (detector.Hear(ref rest, out _) is not '\0' and var digit)
                    heard += digit;
            }
        }
        return heard;
    }
}
