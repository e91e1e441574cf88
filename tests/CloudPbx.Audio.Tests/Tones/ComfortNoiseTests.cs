using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Tones;

public sealed class ComfortNoiseTests
{
    [Theory]                                                            // RFC 3389 §3.1: −dBov of a full-scale square wave
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(78)]
    public void Noise_has_the_level_that_was_asked_for(int level)
    {
        short[] samples = new short[8000];
        new ComfortNoise { Level = level }.Generate(samples);
        Assert.InRange(ComfortNoise.LevelOf(samples), level - 1, level + 1);
    }

    [Theory]
    [InlineData(127)]
    [InlineData(200)]
    [InlineData(96)]
    public void The_lowest_levels_are_silence(int level)
    {
        short[] samples = [1, 2, 3];
        new ComfortNoise { Level = level }.Generate(samples);
        Assert.Equal([0, 0, 0], samples);
        Assert.Equal(ComfortNoise.Silence, ComfortNoise.LevelOf(samples));
    }

    [Fact]
    public void The_loudest_does_not_wrap()
    {
        short[] samples = new short[8000];
        new ComfortNoise { Level = 0 }.Generate(samples);
        Assert.InRange(ComfortNoise.LevelOf(samples), 0, 6);
    }

    [Fact]
    public void A_frame_says_its_level_in_seven_bits_and_colour_behind_it()
    {
        Assert.Equal(50, ComfortNoise.LevelOfFrame([50]));
        Assert.Equal(50, ComfortNoise.LevelOfFrame([0x80 | 50, 100, 130]));
        Assert.Equal(ComfortNoise.Silence, ComfortNoise.LevelOfFrame([]));
    }
}
