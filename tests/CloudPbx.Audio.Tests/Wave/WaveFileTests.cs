using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;

namespace CloudPbx.Audio.Tests.Wave;

public sealed class WaveFileTests
{
    [Theory]
    [InlineData(WaveEncoding.Pcm16, 1)]
    [InlineData(WaveEncoding.Pcm8, 2)]
    [InlineData(WaveEncoding.ALaw, 1)]
    [InlineData(WaveEncoding.MuLaw, 2)]
    public void What_was_written_is_read(WaveEncoding encoding, int channels)
    {
        short[] samples = new short[1600];
        new ToneGenerator(new Tone(440, LevelDbm0: -10), 8000).Read(samples);
        byte[] octets = new WaveFile(8000, channels, samples).Write(encoding);
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets, out WaveFile? read));
        Assert.Equal((8000, channels, samples.Length), (read!.SampleRate, read.Channels, read.Samples.Length));
        Assert.Equal(0.2 / channels, read.Duration.TotalSeconds, 6);
        Assert.InRange(ToneDetector.LevelAt(read.Samples, 8000, 440), -10.2, -9.8);
        if (encoding == WaveEncoding.Pcm16)
            Assert.Equal(samples, read.Samples);
        // Once more: the second time nothing is lost.
        Assert.Equal(octets, read.Write(encoding));
    }

    [Fact]
    public void A_file_whose_writer_was_killed_plays_what_is_there()
    {
        byte[] octets = new WaveFile(8000, 1, new short[800]).Write(WaveEncoding.Pcm16);
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets.AsSpan(0, 846), out WaveFile? read));
        Assert.Equal(400, read!.Samples.Length);
    }

    [Fact]
    public void Chunks_of_other_kinds_are_skipped()
    {
        byte[] octets = new WaveFile(8000, 1, [1, 2, 3]).Write(WaveEncoding.Pcm16);
        byte[] list = [.. octets.AsSpan(0, 38), .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. octets.AsSpan(38)];
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(list, out WaveFile? read));
        Assert.Equal([1, 2, 3], read!.Samples);
    }

    [Theory]
    [InlineData(0, 'r', WaveParseError.NotWave)]
    [InlineData(12, 'F', WaveParseError.NoFormat)]
    [InlineData(20, 85, WaveParseError.Unsupported)]            // MPEG layer 3
    [InlineData(22, 0, WaveParseError.Unsupported)]
    [InlineData(38, 'D', WaveParseError.NoData)]
    public void A_bad_file_is_named(int at, int octet, WaveParseError expected)
    {
        byte[] octets = new WaveFile(8000, 1, [1, 2, 3]).Write(WaveEncoding.Pcm16);
        octets[at] = (byte)octet;
        Assert.Equal(expected, WaveFile.TryRead(octets, out _));
    }

    [Fact]
    public void No_mutation_throws()
    {
        byte[] octets = new WaveFile(8000, 1, [1, 2, 3, 4, 5, 6, 7, 8]).Write(WaveEncoding.ALaw);
        var random = new Random(5);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutant = octets.AsSpan(0, random.Next(octets.Length + 1)).ToArray();
            for (int i = 0; i < 3 && mutant.Length > 0; i++)
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            WaveFile.TryRead(mutant, out _);
        }
    }
}
