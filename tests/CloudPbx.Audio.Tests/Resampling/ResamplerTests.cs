using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Resampling;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(8000, 16000, 300)]
    [InlineData(8000, 16000, 3000)]
    [InlineData(16000, 8000, 300)]
    [InlineData(16000, 8000, 3000)]
    [InlineData(8000, 8000, 1000)]
    [InlineData(8000, 48000, 1000)]
    [InlineData(48000, 8000, 1000)]
    [InlineData(16000, 48000, 6000)]
    [InlineData(48000, 16000, 6000)]
    public void A_tone_keeps_its_frequency_and_level(int from, int to, double hertz)
    {
        short[] input = new short[from];
        new ToneGenerator(new Tone(hertz, LevelDbm0: -10), from).Read(input);
        var resampler = new Resampler(from, to);
        short[] output = new short[resampler.OutputSamples(input.Length)];
        Assert.Equal(to, resampler.Process(input, output));
        ToneMeasurement measured = ToneDetector.Measure(output.AsSpan(200), to);
        Assert.InRange(measured.Hertz, hertz - 1, hertz + 1);
        Assert.InRange(measured.LevelDbm0, -10.5, -9.5);
        Assert.True(measured.Purity > 0.99, $"purity {measured.Purity}");
    }

    [Fact]
    public void What_8_kHz_cannot_hold_is_removed()
    {
        short[] input = new short[16000], output = new short[8000];
        new ToneGenerator(new Tone(5000, LevelDbm0: 0), 16000).Read(input);
        new Resampler(16000, 8000).Process(input, output);
        Assert.True(AudioLevel.Of(output.AsSpan(200)) < -55, $"{AudioLevel.Of(output.AsSpan(200))} dBm0");
    }

    [Theory]
    [InlineData(8000, 16000)]
    [InlineData(8000, 48000)]
    [InlineData(16000, 48000)]
    public void Upwards_each_sample_is_among_those_that_come_out_unchanged(int from, int to)
    {
        var random = new Random(1);
        short[] input = [.. Enumerable.Range(0, 1000).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
        var resampler = new Resampler(from, to);
        int factor = to / from;
        short[] output = new short[resampler.OutputSamples(input.Length + resampler.Memory)];
        int written = 0;
        foreach (short[] packet in input.Chunk(80))
            written += resampler.Process(packet, output.AsSpan(written));
        written += resampler.Process(new short[resampler.Memory], output.AsSpan(written));
        short[] kept = [.. output[..written].Where((_, i) => i % factor == factor - 1)];
        Assert.Equal(input, kept[resampler.Delay..][..input.Length]);
        resampler.Process(new short[1], output);
        Assert.All(output[..factor], sample => Assert.Equal(0, sample));                            // nothing of it is left
    }

    [Fact]
    public void Odd_blocks_lose_no_sample()
    {
        var resampler = new Resampler(16000, 8000);
        short[] input = new short[7], output = new short[4];
        int written = 0;
        for (int i = 0; i < 100; i++)
            written += resampler.Process(input, output);
        Assert.Equal(350, written);
    }

    [Fact]
    public void The_vector_path_gives_the_samples_of_the_scalar_path()
    {
        var random = new Random(1);
        for (int length = 0; length < 200; length++)
        {
            short[] samples = [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            short[] taps = [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(-500, 500))];
            Assert.Equal(AudioLevel.SumOfProductsScalar(samples, taps), Resampler.Dot(samples, taps));
        }
    }

    [Theory]
    [InlineData(44100, 8000)]
    [InlineData(22050, 16000)]
    [InlineData(11025, 48000)]
    public void A_file_of_any_rate_keeps_its_tone(int from, int to)
    {
        short[] input = new short[from];
        new ToneGenerator(new Tone(1000, LevelDbm0: -10), from).Read(input);
        ToneMeasurement measured = ToneDetector.Measure(SampleRateConversion.Convert(input, from, to).AsSpan(200), to);
        Assert.InRange(measured.Hertz, 999, 1001);
        Assert.InRange(measured.LevelDbm0, -10.2, -9.8);
        Assert.True(measured.Purity > 0.99, $"purity {measured.Purity}");
    }

    [Fact]
    public void Other_ratios_are_refused() => Assert.Throws<ArgumentException>(() => new Resampler(8000, 44100));
}
