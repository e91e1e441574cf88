using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Resampling;

namespace CloudPbx.Audio.Tests.Codecs;

public sealed class G711Tests
{
    [Theory]                                            // G.711 tables 1a and 2a: character signals with even bits inverted, values × 8 and × 4
    [InlineData(0xD5, 8)]
    [InlineData(0x55, -8)]
    [InlineData(0xAA, 32256)]
    [InlineData(0x2A, -32256)]
    [InlineData(0x80, 5504)]
    public void ALaw_octets_have_the_values_of_table_1(byte octet, short value) => Assert.Equal(value, G711.FromALaw(octet));

    [Theory]
    [InlineData(0xFF, 0)]
    [InlineData(0x7F, 0)]
    [InlineData(0x80, 32124)]
    [InlineData(0x00, -32124)]
    [InlineData(0xEF, 132)]
    public void MuLaw_octets_have_the_values_of_table_2(byte octet, short value) => Assert.Equal(value, G711.FromMuLaw(octet));

    [Fact]
    public void Coding_a_decoded_octet_gives_the_octet_back()
    {
        for (int octet = 0; octet < 256; octet++)
        {
            Assert.Equal(octet, G711.ToALaw(G711.FromALaw((byte)octet)));
            // µ-law has two zeros; the value 0 is coded as the positive one.
            Assert.Equal(octet == 0x7F ? 0xFF : octet, G711.ToMuLaw(G711.FromMuLaw((byte)octet)));
        }
    }

    [Fact]
    public void Every_sample_gets_the_code_of_the_reference_compressor()
    {
        for (int sample = short.MinValue; sample <= short.MaxValue; sample++)
        {
            Assert.Equal(ReferenceALaw((short)sample), G711.ToALaw((short)sample));
            Assert.Equal(ReferenceMuLaw((short)sample), G711.ToMuLaw((short)sample));
        }
    }

    [Fact]
    public void Blocks_are_coded_like_single_samples()
    {
        short[] samples = new short[160], back = new short[160];
        byte[] octets = new byte[160];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(i * 400 - 32000);
        Assert.Equal(160, new ALawCodec().Encode(samples, octets));
        Assert.Equal(samples.Select(G711.ToALaw), octets);
        Assert.Equal(160, new ALawCodec().Decode(octets, back));
        Assert.Equal(octets.Select(G711.FromALaw), back);
        Assert.Equal(160, new MuLawCodec().Encode(samples, octets));
        Assert.Equal(samples.Select(G711.ToMuLaw), octets);
        Assert.Equal(160, new MuLawCodec().Decode(octets, back));
        Assert.Equal(octets.Select(G711.FromMuLaw), back);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]                                     // so that each sample is in the vector's part once, and in the rest once
    public void Vectors_give_what_the_tables_give(int start)
    {
        short[] samples = [.. Enumerable.Range(short.MinValue + start, 0x1_0000 - start).Select(sample => (short)sample)], back = new short[256 - start];
        byte[] coded = new byte[samples.Length], octets = [.. Enumerable.Range(start, 256 - start).Select(octet => (byte)octet)];
        G711.EncodeALaw(samples, coded);
        Assert.Equal(samples.Select(G711.ToALaw), coded);
        G711.EncodeMuLaw(samples, coded);
        Assert.Equal(samples.Select(G711.ToMuLaw), coded);
        G711.DecodeALaw(octets, back);
        Assert.Equal(octets.Select(G711.FromALaw), back);
        G711.DecodeMuLaw(octets, back);
        Assert.Equal(octets.Select(G711.FromMuLaw), back);
        byte[] made = [.. octets];
        G711.MuLawToALaw(made);
        Assert.Equal(octets.Select(octet => G711.ToALaw(G711.FromMuLaw(octet))), made);
        made = [.. octets];
        G711.ALawToMuLaw(made);
        Assert.Equal(octets.Select(octet => G711.ToMuLaw(G711.FromALaw(octet))), made);
    }

    [Fact]
    public void Coding_allocates_nothing()
    {
        short[] samples = new short[160], wide = new short[320];
        byte[] octets = new byte[160];
        var alaw = new ALawCodec();
        var mulaw = new MuLawCodec();
        var resampler = new Resampler(8000, 16000);
        void Run()
        {
            alaw.Decode(octets, samples);
            mulaw.Encode(samples, octets);
            resampler.Process(samples, wide);
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>By search in the decoder's table: the nearest value on the sample's own side, ties and decision values away from zero.</summary>
    private static byte ReferenceALaw(short sample)
    {
        int magnitude = sample < 0 ? ~sample : sample;
        for (int code = 127; code >= 0; code--)
        {
            int middle = G711.FromALaw((byte)((code | 0x80) ^ 0x55));
            int half = code < 32 ? 8 : 8 << ((code >> 4) - 1);
            if (magnitude >= middle - half)
                return (byte)((code | (sample < 0 ? 0 : 0x80)) ^ 0x55);
        }
        return 0;
    }

    private static byte ReferenceMuLaw(short sample)
    {
        int magnitude = (sample < 0 ? ~sample : sample) >> 2 << 2;
        for (int code = 127; code >= 0; code--)
        {
            int middle = G711.FromMuLaw((byte)~code);
            int half = 4 << (code >> 4);
            if (magnitude >= middle - half)
                return (byte)~(code | (sample < 0 ? 0x80 : 0));
        }
        return 0;
    }
}
