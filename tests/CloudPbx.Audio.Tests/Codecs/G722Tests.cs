using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Codecs;

public sealed class G722Tests
{
    [Fact]
    public void Codes_are_those_of_spandsp_to_the_bit()
    {
        Assert.SkipUnless(Spandsp.IsPresent, "libspandsp2 is not installed.");
        foreach (short[] samples in Signals())
        {
            byte[] ours = new byte[samples.Length / 2];
            Assert.Equal(ours.Length, new G722Codec().Encode(samples, ours));
            Assert.Equal(Spandsp.EncodeG722(samples), ours);
        }
    }

    [Fact]
    public void Decoded_samples_are_those_of_spandsp_to_the_bit()
    {
        Assert.SkipUnless(Spandsp.IsPresent, "libspandsp2 is not installed.");
        byte[] noise = new byte[32_000];
        new Random(7).NextBytes(noise);                         // any octet may come; predictors saturate
        foreach (byte[] octets in Signals().Select(Encode).Append(noise))
        {
            short[] ours = new short[octets.Length * 2];
            Assert.Equal(ours.Length, new G722Codec().Decode(octets, ours));
            short[] theirs = Spandsp.DecodeG722(octets);
            for (int i = 0; i < ours.Length; i++)
            {
                // Beyond full scale spandsp's synthesis filter wraps; §6.2.2 saturates.
                if (ours[i] is not (short.MinValue or short.MaxValue))
                    Assert.Equal(theirs[i], ours[i]);
            }
        }
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(3000)]
    [InlineData(5000)]
    [InlineData(6500)]
    public void A_tone_keeps_its_frequency_and_level(double hertz)
    {
        short[] tone = new short[16000], heard = new short[16000];
        new ToneGenerator(new Tone(hertz, LevelDbm0: -10), 16000).Read(tone);
        new G722Codec().Decode(Encode(tone), heard);
        ToneMeasurement measured = ToneDetector.Measure(heard.AsSpan(2000), 16000);
        Assert.InRange(measured.Hertz, hertz - 1, hertz + 1);
        Assert.InRange(measured.LevelDbm0, -11, -9);
        Assert.True(measured.Purity > 0.98, $"purity {measured.Purity}");
    }

    [Fact]
    public void The_vector_path_gives_the_sums_of_the_scalar_path()
    {
        var random = new Random(7);
        for (int turn = 0; turn < 1000; turn++)
        {
            short[] window = [.. Enumerable.Range(0, 24).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            short[] taps = [.. Enumerable.Range(0, 24).Select(_ => (short)random.Next(-4000, 4000))];
            Assert.Equal(G722Codec.DotScalar(window, taps), G722Codec.Dot(window, taps));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(318)]
    [InlineData(320)]
    [InlineData(322)]
    [InlineData(1920)]
    public void A_stream_is_the_same_in_parts_of_any_length(int length)
    {
        var random = new Random(8);
        short[] samples = [.. Enumerable.Range(0, 3840).Select(_ => (short)random.Next(-20000, 20000))];
        byte[] whole = new byte[1920], parts = new byte[1920];
        new G722Codec().Encode(samples, whole);
        G722Codec encoder = new(), decoder = new();
        short[] decoded = new short[3840], expected = new short[3840];
        new G722Codec().Decode(whole, expected);
        for (int at = 0; at < samples.Length; at += length)
        {
            int end = Math.Min(at + length, samples.Length);
            encoder.Encode(samples.AsSpan(at..end), parts.AsSpan(at / 2));
            decoder.Decode(parts.AsSpan((at / 2)..(end / 2)), decoded.AsSpan(at));
        }
        Assert.Equal(whole, parts);
        Assert.Equal(expected, decoded);
    }

    [Fact]
    public void A_known_stream_stays_known()
    {
        // The same octets as libspandsp2's, so that machines without the library notice a change too.
        Assert.Equal("2E8421862284043B3895A7BE1BB21EB436B991931E261BB8B552CC5AB5B9939C", Convert.ToHexString(Encode(Known())));
    }

    [Fact]
    public void Coding_allocates_nothing()
    {
        short[] samples = new short[320];
        byte[] octets = new byte[160];
        var codec = new G722Codec();
        codec.Encode(samples, octets);
        codec.Decode(octets, samples);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            codec.Encode(samples, octets);
            codec.Decode(octets, samples);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static short[] Known() => [.. Enumerable.Range(0, 64).Select(i => (short)((i * i * 977 % 20011) - 10005))];

    private static byte[] Encode(short[] samples)
    {
        byte[] octets = new byte[samples.Length / 2];
        new G722Codec().Encode(samples, octets);
        return octets;
    }

    /// <summary>Silence, tones, full-scale noise, quiet noise, a square wave, a sweep.</summary>
    private static IEnumerable<short[]> Signals()
    {
        yield return new short[3200];
        foreach (double hertz in new[] { 50.0, 440, 1000, 3400, 4000, 5000, 7000 })
        {
            short[] tone = new short[8000];
            new ToneGenerator(new Tone(hertz, LevelDbm0: hertz % 1000 == 0 ? 3 : -20), 16000).Read(tone);
            yield return tone;
        }
        var random = new Random(42);
        short[] loud = new short[32_000], quiet = new short[32_000], square = new short[8000], sweep = new short[32_000];
        for (int i = 0; i < loud.Length; i++)
        {
            loud[i] = (short)random.Next(short.MinValue, short.MaxValue + 1);
            quiet[i] = (short)random.Next(-200, 200);
            sweep[i] = (short)(20000 * Math.Sin(Math.PI * 7000.0 * i / 16000 * i / loud.Length));
        }
        for (int i = 0; i < square.Length; i++)
            square[i] = i / 40 % 2 == 0 ? short.MaxValue : short.MinValue;
        yield return Known();
        yield return loud;
        yield return quiet;
        yield return square;
        yield return sweep;
    }
}
