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
    public void Other_ratios_are_refused() => Assert.Throws<ArgumentException>(() => new Resampler(8000, 44100));
}
