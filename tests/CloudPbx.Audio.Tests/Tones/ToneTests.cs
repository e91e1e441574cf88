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
    [InlineData("??", ProgressTone.Dial, 425, 0, new int[0])]
    public void A_country_has_its_tones(string country, ProgressTone tone, double hertz, double second, int[] cadence)
    {
        Tone found = CountryTones.Get(country, tone);
        Assert.Equal((hertz, second), (found.Hertz, found.SecondHertz));
        Assert.Equal(cadence, found.CadenceMilliseconds);
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
