using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Codecs;

public sealed class OpusTests
{
    public OpusTests()
    {
        if (!OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
    }

    [Theory]                                                                    // RFC 7587 §4.2: 10, 20, 40 and 60 ms are frames
    [InlineData(10, OpusCodec.WideRate)]
    [InlineData(20, OpusCodec.WideRate)]
    [InlineData(40, OpusCodec.WideRate)]
    [InlineData(60, OpusCodec.WideRate)]
    [InlineData(10, OpusCodec.NarrowRate)]
    [InlineData(20, OpusCodec.NarrowRate)]
    [InlineData(40, OpusCodec.NarrowRate)]
    [InlineData(60, OpusCodec.NarrowRate)]
    public void A_tone_comes_back_with_its_frequency_and_level(int milliseconds, int rate)
    {
        var codec = new OpusCodec(rate);
        short[] frame = new short[rate / 1000 * milliseconds], heard = new short[rate / 1000 * 120];
        byte[] payload = new byte[OpusCodec.MaxPayload];
        var tone = new ToneGenerator(new Tone(800, LevelDbm0: -10), rate);
        List<short> all = [];
        for (int i = 0; i < 1200 / milliseconds; i++)
        {
            tone.Read(frame);
            int length = codec.Encode(frame, payload);
            Assert.InRange(length, 1, payload.Length);
            Assert.Equal(frame.Length, codec.SamplesOf(payload.AsSpan(0, length)));
            Assert.Equal(frame.Length, codec.Decode(payload.AsSpan(0, length), heard));
            all.AddRange(heard.AsSpan(0, frame.Length));
        }
        ToneMeasurement measured = ToneDetector.Measure(all.ToArray().AsSpan(rate / 5), rate);
        Assert.InRange(measured.Hertz, 797, 803);
        Assert.InRange(measured.LevelDbm0, -12, -8);
        Assert.True(measured.Purity > 0.9, $"purity {measured.Purity}");
    }

    [Theory]                                                                    // RFC 6716 §2.1.2: a decoder gives any rate of any stream
    [InlineData(OpusCodec.WideRate, OpusCodec.NarrowRate)]
    [InlineData(OpusCodec.NarrowRate, OpusCodec.WideRate)]
    public void What_was_encoded_at_one_rate_is_decoded_at_the_other(int from, int to)
    {
        OpusCodec encoder = new(from), decoder = new(to);
        short[] frame = new short[from / 50], heard = new short[to / 50];
        byte[] payload = new byte[OpusCodec.MaxPayload];
        var tone = new ToneGenerator(new Tone(800, LevelDbm0: -10), from);
        List<short> all = [];
        for (int i = 0; i < 60; i++)
        {
            tone.Read(frame);
            ReadOnlySpan<byte> packet = payload.AsSpan(0, encoder.Encode(frame, payload));
            Assert.Equal(heard.Length, decoder.SamplesOf(packet));
            Assert.Equal(heard.Length, decoder.Decode(packet, heard));
            all.AddRange(heard);
        }
        ToneMeasurement measured = ToneDetector.Measure(all.ToArray().AsSpan(to / 5), to);
        Assert.InRange(measured.Hertz, 797, 803);
        Assert.InRange(measured.LevelDbm0, -12, -8);
        Assert.True(measured.Purity > 0.9, $"purity {measured.Purity}");
    }

    [Fact]
    public void Another_rate_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new OpusCodec(48000));

    [Fact]
    public void Octets_of_a_stranger_do_no_harm()
    {
        var codec = new OpusCodec();
        var random = new Random(7);
        short[] samples = new short[16 * 120];
        for (int i = 0; i < 5000; i++)
        {
            byte[] payload = new byte[random.Next(0, 200)];
            random.NextBytes(payload);
            Assert.InRange(codec.SamplesOf(payload), 0, samples.Length);
            Assert.InRange(codec.Decode(payload, samples), 0, samples.Length);
        }
    }

    [Fact]
    public void Encoding_and_decoding_allocate_nothing()
    {
        var codec = new OpusCodec();
        short[] frame = new short[320];
        byte[] payload = new byte[OpusCodec.MaxPayload];
        codec.Decode(payload.AsSpan(0, codec.Encode(frame, payload)), frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            codec.Decode(payload.AsSpan(0, codec.Encode(frame, payload)), frame);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void It_is_made_by_its_SDP_name() => Assert.IsType<OpusCodec>(AudioCodecs.Create("opus", 48000));
}
