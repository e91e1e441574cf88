using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.Media.Control;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Control;

/// <summary>What tenants upload is decoded within limits, and nothing of the file is kept (SECURITY.md S26).</summary>
public sealed class UploadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(8000, 1, WaveEncoding.MuLaw)]
    [InlineData(16000, 1, WaveEncoding.Pcm16)]
    [InlineData(44100, 2, WaveEncoding.Pcm16)]
    [InlineData(48000, 2, WaveEncoding.Pcm8)]
    [InlineData(11025, 1, WaveEncoding.ALaw)]
    [InlineData(44100, 2, WaveEncoding.Pcm16, Carriage.Grpc)]
    public async Task S26_a_file_of_any_rate_comes_back_through_a_node_as_one_channel_of_samples(int rate, int channels, WaveEncoding encoding, Carriage carriage = Carriage.Own)
    {
        await using TestNode node = await TestNode.StartAsync(carriage);
        DecodedSound sound = await DecoderOf(node).DecodeAsync(Tone(700, rate, channels).Write(encoding), Cancel);
        Assert.Equal((DecodeFault.None, DecodeLimits.SampleRate), (sound.Fault, sound.SampleRate));
        short[] samples = SamplesOf(sound);
        Assert.InRange(samples.Length, 15_990, 16_010);
        ToneMeasurement measured = ToneDetector.Measure(samples.AsSpan(2000, 8192), DecodeLimits.SampleRate);
        Assert.InRange(measured.Hertz, 697, 703);
        Assert.True(measured.Purity > 0.9, $"purity {measured.Purity:F2}");
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task S26_a_node_that_is_away_is_a_result_and_the_next_one_is_asked(Carriage carriage)
    {
        await using TestNode node = await TestNode.StartAsync(carriage);
        Uri away = new(carriage == Carriage.Own ? $"unix:{Path.GetTempPath()}/nobody-{Guid.NewGuid():N}.sock" : "http://127.0.0.1:1"), there = node.Address;
        byte[] file = Tone(700, 8000, 1).Write(WaveEncoding.Pcm16);
        Assert.Equal(DecodeFault.Away, (await new SoundDecoder(_ => Task.FromResult<IReadOnlyList<Uri>?>([away])).DecodeAsync(file, Cancel)).Fault);
        Assert.Equal(DecodeFault.Away, (await new SoundDecoder(_ => Task.FromResult<IReadOnlyList<Uri>?>(null)).DecodeAsync(file, Cancel)).Fault);
        Assert.Equal(DecodeFault.None, (await new SoundDecoder(_ => Task.FromResult<IReadOnlyList<Uri>?>([away, there])).DecodeAsync(file, Cancel)).Fault);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(1_000_000_000u)]
    public void S26_a_head_that_promises_gigabytes_gives_what_is_there(uint promised)
    {
        byte[] file = Tone(700, 16000, 1).Write(WaveEncoding.Pcm16);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), promised);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(42), promised);
        (DecodeFault fault, short[] samples) = UploadDecoder.Decode(file);
        Assert.Equal((DecodeFault.None, 16_000), (fault, samples.Length));
    }

    [Fact]
    public void S26_chunk_sizes_that_lie_are_refused_or_cut_and_never_read_beyond()
    {
        byte[] whole = Tone(700, 16000, 1).Write(WaveEncoding.Pcm16);
        Random random = new(26);
        for (int round = 0; round < 3_000; round++)
        {
            byte[] file = whole[..random.Next(0, 200)];
            for (int i = random.Next(6); i > 0 && file.Length > 0; i--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            if (file.Length > 24 && random.Next(2) == 0)
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), (uint)random.NextInt64(uint.MaxValue));
            (DecodeFault fault, short[] samples) = UploadDecoder.Decode(file);
            Assert.True(fault == DecodeFault.None ? samples.Length > 0 : samples.Length == 0);
        }
    }

    [Fact]
    public void S26_a_file_that_would_be_hours_is_refused_before_it_costs_anything()
    {
        byte[] file = Header(1, 1, 1000, 8, DecodeLimits.MostOctets - 44);          // nine hours of a thousand octets a second: a gigabyte at our rate
        long before = GC.GetAllocatedBytesForCurrentThread();
        (DecodeFault fault, _) = UploadDecoder.Decode(file);
        Assert.Equal(DecodeFault.TooLong, fault);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3L * DecodeLimits.MostOctets);
        Assert.Equal(DecodeFault.TooLarge, UploadDecoder.Decode(new byte[DecodeLimits.MostOctets + 1]).Fault);
    }

    [Fact]
    public void S26_an_archive_is_no_sound_however_small_it_is()
    {
        using MemoryStream bomb = new();
        using (ZipArchive zip = new(bomb, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("music.wav").Open();
            entry.Write(new byte[10_000_000]);
        }
        Assert.Equal(DecodeFault.NotWave, UploadDecoder.Decode(bomb.ToArray()).Fault);
        using MemoryStream gzip = new();
        using (GZipStream packed = new(gzip, CompressionLevel.Optimal, leaveOpen: true))
            packed.Write(Tone(700, 16000, 1).Write(WaveEncoding.Pcm16));
        Assert.Equal(DecodeFault.NotWave, UploadDecoder.Decode(gzip.ToArray()).Fault);
    }

    [Fact]
    public void S26_of_a_file_that_is_two_things_at_once_only_the_sound_is_left()
    {
        byte[] page = Encoding.ASCII.GetBytes("<script>alert(document.cookie)</script><?php system($_GET['c']); ?>PK\x05\x06");
        byte[] sound = Tone(700, 16000, 1).Write(WaveEncoding.Pcm16);
        // A chunk of text before the format, and a page with an archive's end after the samples.
        byte[] file = [.. sound.AsSpan(0, 12), .. "LIST"u8, (byte)(page.Length & ~1), 0, 0, 0, .. page.AsSpan(0, page.Length & ~1), .. sound.AsSpan(12), .. page];
        (DecodeFault fault, short[] samples) = UploadDecoder.Decode(file);
        Assert.Equal((DecodeFault.None, 16_000), (fault, samples.Length));
        Assert.DoesNotContain("script", Encoding.Latin1.GetString(UploadDecoder.ToOctets(samples)), StringComparison.Ordinal);
        // The other way round, a page that has a sound in it, is none.
        Assert.Equal(DecodeFault.NotWave, UploadDecoder.Decode([.. page, .. sound]).Fault);
    }

    [Theory]
    [InlineData(3, 32)]                 // IEEE float
    [InlineData(1, 24)]
    [InlineData(1, 32)]
    [InlineData(2, 4)]                  // ADPCM
    [InlineData(0x55, 0)]               // MP3 in a WAV file
    [InlineData(0x11, 4)]
    [InlineData(0xFFFE, 16)]            // extensible, without saying what it extends
    public void S26_what_is_no_PCM_and_no_G711_is_refused(int tag, int bits) => Assert.Equal(DecodeFault.Unsupported, UploadDecoder.Decode(Header(tag, 1, 16000, bits, 4000)).Fault);

    [Theory]
    [InlineData(0, 16000)]
    [InlineData(9, 16000)]
    [InlineData(65535, 16000)]
    [InlineData(1, 0)]
    [InlineData(1, 999)]
    [InlineData(1, 400_000)]
    public void S26_impossible_channels_and_rates_are_refused(int channels, int rate) => Assert.Equal(DecodeFault.Unsupported, UploadDecoder.Decode(Header(1, channels, rate, 16, 4000)).Fault);

    private static SoundDecoder DecoderOf(TestNode node) => new(_ => Task.FromResult<IReadOnlyList<Uri>?>([node.Address]));

    private static WaveFile Tone(double hertz, int rate, int channels)
    {
        short[] samples = new short[rate * channels];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * (i / channels) / rate));
        return new WaveFile(rate, channels, samples);
    }

    private static short[] SamplesOf(DecodedSound sound)
    {
        short[] samples = new short[sound.Samples.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(sound.Samples.Span[(i * 2)..]);
        return samples;
    }

    private static byte[] Header(int tag, int channels, int rate, int bits, int data)
    {
        byte[] file = new byte[44 + data];
        "RIFF"u8.CopyTo(file);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        file[16] = 16;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(20), (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(22), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(34), (ushort)bits);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), data);
        return file;
    }
}
