using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Tones;

public sealed class ToneTests
{
    [Theory]
    [InlineData(440, 8000, -10)]
    [InlineData(1000, 8000, 0)]
    [InlineData(137.5, 8000, -30)]
    [InlineData(3333, 8000, -20)]
    [InlineData(6000, 16000, -13)]
    public void The_detector_finds_what_the_generator_made(double hertz, int rate, double level)
    {
        short[] samples = new short[4096];
        new ToneGenerator(new Tone(hertz, LevelDbm0: level), rate).Read(samples);
        ToneMeasurement measured = ToneDetector.Measure(samples, rate);
        Assert.InRange(measured.Hertz, hertz - 0.5, hertz + 0.5);
        Assert.InRange(measured.LevelDbm0, level - 0.2, level + 0.2);
        Assert.True(measured.Purity > 0.99, $"purity {measured.Purity}");
        Assert.InRange(ToneDetector.LevelAt(samples, rate, hertz), level - 0.2, level + 0.2);
        Assert.True(ToneDetector.LevelAt(samples, rate, hertz * 0.7) < level - 30);
    }

    [Fact]
    public void Silence_has_no_frequency_and_noise_is_not_pure()
    {
        Assert.Equal(new ToneMeasurement(0, AudioLevel.Floor, 0), ToneDetector.Measure(new short[2048], 8000));
        var random = new Random(1);
        short[] noise = [.. Enumerable.Range(0, 2048).Select(_ => (short)random.Next(-8000, 8000))];
        Assert.True(ToneDetector.Measure(noise, 8000).Purity < 0.3);
    }

    [Fact]
    public void A_tone_in_many_blocks_is_the_tone_in_one()
    {
        short[] whole = new short[1600], parts = new short[1600];
        new ToneGenerator(new Tone(425) { CadenceMilliseconds = [50, 30] }, 8000).Read(whole);
        var generator = new ToneGenerator(new Tone(425) { CadenceMilliseconds = [50, 30] }, 8000);
        for (int i = 0; i < parts.Length; i += 160)
            generator.Read(parts.AsSpan(i, 160));
        Assert.Equal(whole, parts);
    }

    [Theory]                                            // ITU-T E.180, the national tones
    [InlineData("CN", ProgressTone.Ringback, 450, 0, new[] { 1000, 4000 })]
    [InlineData("cn", ProgressTone.Busy, 450, 0, new[] { 350, 350 })]
    [InlineData("US", ProgressTone.Ringback, 440, 480, new[] { 2000, 4000 })]
    [InlineData("US", ProgressTone.Congestion, 480, 620, new[] { 250, 250 })]
    [InlineData("DE", ProgressTone.Busy, 425, 0, new[] { 480, 480 })]
    [InlineData("EU", ProgressTone.Ringback, 425, 0, new[] { 1000, 4000 })]
    [InlineData("GB", ProgressTone.Dial, 350, 440, new int[0])]                                     // BT SIN 350
    [InlineData("gb", ProgressTone.Ringback, 400, 450, new[] { 400, 200, 400, 2000 })]
    [InlineData("GB", ProgressTone.Busy, 400, 0, new[] { 375, 375 })]
    [InlineData("GB", ProgressTone.Congestion, 400, 0, new[] { 400, 350, 225, 525 })]
    [InlineData("GB", ProgressTone.CallWaiting, 400, 0, new[] { 100, 4000 })]
    [InlineData("FR", ProgressTone.Dial, 440, 0, new int[0])]
    [InlineData("FR", ProgressTone.Ringback, 440, 0, new[] { 1500, 3500 })]
    [InlineData("FR", ProgressTone.Busy, 440, 0, new[] { 500, 500 })]
    [InlineData("CN", ProgressTone.CallWaiting, 450, 0, new[] { 400, 4000 })]
    [InlineData("US", ProgressTone.CallWaiting, 440, 0, new[] { 300, 9700 })]
    [InlineData("DE", ProgressTone.CallWaiting, 425, 0, new[] { 200, 200, 200, 5000 })]
    [InlineData("EU", ProgressTone.CallWaiting, 425, 0, new[] { 200, 600, 200, 3000 })]             // ITU-T E.180 §5: preferred
    [InlineData("AT", ProgressTone.Dial, 420, 0, new int[0])]
    [InlineData("AU", ProgressTone.Busy, 425, 0, new[] { 375, 375 })]
    [InlineData("BE", ProgressTone.CallWaiting, 1400, 0, new[] { 175, 175, 175, 3500 })]
    [InlineData("BR", ProgressTone.Congestion, 425, 0, new[] { 250, 250, 750, 250 })]
    [InlineData("CH", ProgressTone.Congestion, 425, 0, new[] { 200, 200 })]
    [InlineData("ES", ProgressTone.Ringback, 425, 0, new[] { 1500, 3000 })]
    [InlineData("HK", ProgressTone.Ringback, 440, 480, new[] { 400, 200, 400, 3000 })]
    [InlineData("IN", ProgressTone.Busy, 400, 0, new[] { 750, 750 })]
    [InlineData("IT", ProgressTone.Dial, 425, 0, new[] { 200, 200, 600, 1000 })]
    [InlineData("JP", ProgressTone.Ringback, 400, 0, new[] { 1000, 2000 })]
    [InlineData("KR", ProgressTone.Congestion, 480, 620, new[] { 300, 200 })]
    [InlineData("NL", ProgressTone.CallWaiting, 425, 0, new[] { 500, 9500 })]
    [InlineData("NZ", ProgressTone.Ringback, 400, 450, new[] { 400, 200, 400, 2000 })]
    [InlineData("RU", ProgressTone.Busy, 425, 0, new[] { 350, 350 })]
    [InlineData("SE", ProgressTone.Ringback, 425, 0, new[] { 1000, 5000 })]
    [InlineData("SG", ProgressTone.Busy, 425, 0, new[] { 750, 750 })]
    [InlineData("TW", ProgressTone.Ringback, 440, 480, new[] { 1000, 2000 })]
    [InlineData("ZA", ProgressTone.Ringback, 400, 0, new[] { 400, 200, 400, 2000 })]
    [InlineData("??", ProgressTone.Dial, 425, 0, new int[0])]
    public void A_country_has_its_tones(string country, ProgressTone tone, double hertz, double second, int[] cadence)
    {
        Tone found = CountryTones.Get(country, tone);
        Assert.Equal((hertz, second), (found.Hertz, found.SecondHertz));
        Assert.Equal(cadence, found.CadenceMilliseconds);
    }

    [Theory]
    [InlineData("IN", ProgressTone.Dial, 400, 25)]
    [InlineData("JP", ProgressTone.Ringback, 400, 16)]
    [InlineData("SG", ProgressTone.Ringback, 425, 24)]
    [InlineData("ZA", ProgressTone.Dial, 400, 33)]
    public void A_modulated_tone_has_its_sidebands_and_the_level_of_a_steady_one(string country, ProgressTone tone, double hertz, double modulation)
    {
        short[] samples = new short[8000];
        new ToneGenerator(CountryTones.Get(country, tone) with { CadenceMilliseconds = [] }, 8000).Read(samples);
        Assert.InRange(AudioLevel.Of(samples), -13.3, -12.7);
        double carrier = ToneDetector.LevelAt(samples, 8000, hertz);
        foreach (double side in new[] { hertz - modulation, hertz + modulation })
            Assert.InRange(carrier - ToneDetector.LevelAt(samples, 8000, side), 5.8, 6.2);          // a half of its amplitude
    }

    [Fact]
    public void Every_country_has_all_tones_each_of_pairs_of_on_and_off()
    {
        Assert.Subset(new HashSet<string>(CountryTones.Countries), new HashSet<string> { "JP", "AU", "NZ", "IN", "HK", "TW", "SG", "KR", "IT", "ES", "NL", "CH", "AT", "BE", "RU", "BR", "MX", "ZA", "PL", "SE" });
        foreach (string country in CountryTones.Countries)
        {
            foreach (ProgressTone tone in Enum.GetValues<ProgressTone>())
            {
                Tone found = CountryTones.Get(country, tone);
                Assert.InRange(found.Hertz, 340, 1400);                                             // of E.180 §3 and one of Belgium's
                Assert.True(tone == ProgressTone.Dial || found.CadenceMilliseconds.Count >= 2, $"{country} {tone}");
                Assert.Equal(0, found.CadenceMilliseconds.Count % 2);
                if (tone != ProgressTone.SpecialInformation)
                    Assert.All(found.CadenceMilliseconds, milliseconds => Assert.InRange(milliseconds, 40, 15_000));
            }
        }
    }

    [Theory]
    [InlineData("EU", 8000)]
    [InlineData("us", 16000)]
    [InlineData("??", 48000)]
    public void The_special_information_tone_is_three_rising_tones_and_a_pause_over_and_over(string country, int rate)      // ITU-T E.180
    {
        short[] samples = new short[rate * 199 / 100 * 2];        // in blocks of 20 ms, as it is played
        var generator = new ToneGenerator(CountryTones.Get(country, ProgressTone.SpecialInformation), rate);
        for (int i = 0; i < samples.Length; i += rate / 50)
            generator.Read(samples.AsSpan(i, rate / 50));
        double[] tones = [950, 1400, 1800];
        foreach (int begin in new[] { 0, 1990 })
        {
            for (int i = 0; i < tones.Length; i++)
            {
                ReadOnlySpan<short> part = Piece(begin + (330 * i), 330);
                Assert.InRange(AudioLevel.Of(part), -13.2, -12.8);
                foreach (double hertz in tones)
                {
                    double level = ToneDetector.LevelAt(part, rate, hertz);
                    if (hertz == tones[i])
                        Assert.InRange(level, -13.2, -12.8);
                    else
                        Assert.True(level < -40, $"{hertz} Hz at {level} dBm0 in the tone of {tones[i]} Hz");
                }
            }
            Assert.Equal(AudioLevel.Floor, AudioLevel.Of(Piece(begin + 990, 1000)));
        }

        ReadOnlySpan<short> Piece(int from, int milliseconds) => samples.AsSpan(from * (rate / 1000), milliseconds * (rate / 1000));
    }

    [Fact]
    public void A_tone_that_begins_its_turn_leaves_no_click()
    {
        short[] samples = new short[8000];
        new ToneGenerator(CountryTones.Get("EU", ProgressTone.SpecialInformation), 8000).Read(samples);
        double steepest = AudioLevel.SineAmplitude(-13) * 2 * Math.PI * 1800 / 8000;                // of the highest of the three
        Assert.All(Enumerable.Range(1, (990 * 8) - 1), i => Assert.InRange(Math.Abs(samples[i] - samples[i - 1]), 0, steepest + 1));
    }

    [Fact]
    public void A_cadence_switches_the_tone_on_and_off()
    {
        short[] samples = new short[8000 * 5];
        new ToneGenerator(CountryTones.Get("EU", ProgressTone.Ringback), 8000).Read(samples);
        Assert.InRange(AudioLevel.Of(samples.AsSpan(0, 8000)), -13.5, -12.5);
        Assert.Equal(AudioLevel.Floor, AudioLevel.Of(samples.AsSpan(8000)));
    }

    [Fact]
    public void A_digit_is_its_row_and_its_column()
    {
        short[] samples = Dtmf.Generate("5", 8000);
        Assert.Equal(1600, samples.Length);
        Assert.InRange(ToneDetector.LevelAt(samples.AsSpan(0, 800), 8000, 770), -10, -8);
        Assert.InRange(ToneDetector.LevelAt(samples.AsSpan(0, 800), 8000, 1336), -10, -8);
        Assert.True(ToneDetector.LevelAt(samples.AsSpan(0, 800), 8000, 941) < -30);
        Assert.Null(Dtmf.ToneOf('x'));
        Assert.Equal(Dtmf.ToneOf('a'), Dtmf.ToneOf('A'));
    }

    [Fact]
    public void Generating_and_listening_allocate_nothing()
    {
        short[] block = new short[160];
        var generator = new ToneGenerator(new Tone(440), 8000);
        var detector = new ToneDetector(8000);
        void Run()
        {
            generator.Read(block);
            detector.Add(block);
            detector.Measure();
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(detector.IsFull);
    }

    [Fact]
    public void A_level_is_the_same_by_vectors_as_by_numbers_and_without_a_logarithm()
    {
        var random = new Random(5);
        for (int length = 0; length < 200; length++)
        {
            short[] samples = [.. Enumerable.Range(0, length).Select(i => i % 7 == 0 ? short.MinValue : (short)random.Next(short.MinValue, short.MaxValue))];
            short[] others = [.. samples.Select((sample, i) => i % 3 == 0 ? sample : (short)random.Next(short.MinValue, short.MaxValue))];
            Assert.Equal(AudioLevel.SumOfProductsScalar(samples, samples), AudioLevel.SumOfSquares(samples));
            Assert.Equal(AudioLevel.SumOfProductsScalar(samples, others), AudioLevel.SumOfProducts(samples, others));
            Assert.Equal(AudioLevel.SumOfSquares(samples), AudioLevel.SumOfProducts(samples, samples));
        }
        short[] tone = new short[8000];
        new ToneGenerator(new Tone(1000), 8000).Read(tone);
        double level = AudioLevel.Of(tone);
        Assert.True(AudioLevel.IsAbove(tone, AudioLevel.MeanSquareOf(level - 0.01)));
        Assert.False(AudioLevel.IsAbove(tone, AudioLevel.MeanSquareOf(level + 0.01)));
    }
}
