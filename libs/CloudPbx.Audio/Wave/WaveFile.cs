using System.Buffers.Binary;
using CloudPbx.Audio.Codecs;

namespace CloudPbx.Audio.Wave;

/// <summary>A RIFF/WAVE file in memory: 16-bit samples, channels interleaved.</summary>
/// <param name="SampleRate">Samples per second and channel.</param>
/// <param name="Channels">1 for mono.</param>
/// <param name="Samples">All samples, interleaved.</param>
public sealed record WaveFile(int SampleRate, int Channels, short[] Samples)
{
    private const int FormatPcm = 1, FormatALaw = 6, FormatMuLaw = 7, FormatExtensible = 0xFFFE;
    private const int MaxChannels = 8;
    private const int FormatLength = 18;        // with an empty extension, as non-PCM formats must have

    /// <summary>How long it plays.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / Channels / SampleRate);

    /// <summary>Reads a file. A data length beyond the end (a recorder that was killed) is cut to what is there.</summary>
    /// <param name="octets">The whole file.</param>
    /// <param name="file">The file; <see langword="null"/> unless the result is <see cref="WaveParseError.None"/>.</param>
    /// <returns>Why it was refused, or <see cref="WaveParseError.None"/>. Never throws for the content.</returns>
    public static WaveParseError TryRead(ReadOnlySpan<byte> octets, out WaveFile? file)
    {
        file = null;
        if (octets.Length < 12 || !octets.StartsWith("RIFF"u8) || !octets[8..12].SequenceEqual("WAVE"u8))
            return WaveParseError.NotWave;
        ReadOnlySpan<byte> rest = octets[12..], format = default;
        while (rest.Length >= 8)
        {
            ReadOnlySpan<byte> id = rest[..4];
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), (uint)(rest.Length - 8));
            ReadOnlySpan<byte> chunk = rest.Slice(8, length);
            if (id.SequenceEqual("fmt "u8))
                format = chunk;
            if (id.SequenceEqual("data"u8))
                return ReadData(format, chunk, out file);
            int next = 8 + length + (length & 1);
            rest = next < rest.Length ? rest[next..] : default;
        }
        return format.Length < 16 ? WaveParseError.NoFormat : WaveParseError.NoData;
    }

    /// <summary>Writes the file.</summary>
    /// <param name="encoding">How the samples are held.</param>
    /// <returns>The whole file.</returns>
    public byte[] Write(WaveEncoding encoding)
    {
        int width = encoding == WaveEncoding.Pcm16 ? 2 : 1;
        int data = Samples.Length * width;
        byte[] octets = new byte[12 + 8 + FormatLength + 8 + data + (data & 1)];
        "RIFF"u8.CopyTo(octets);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(4), octets.Length - 8);
        "WAVEfmt "u8.CopyTo(octets.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(16), FormatLength);
        BinaryPrimitives.WriteInt16LittleEndian(octets.AsSpan(20), encoding switch { WaveEncoding.ALaw => FormatALaw, WaveEncoding.MuLaw => FormatMuLaw, _ => FormatPcm });
        BinaryPrimitives.WriteInt16LittleEndian(octets.AsSpan(22), (short)Channels);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(24), SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(28), SampleRate * Channels * width);
        BinaryPrimitives.WriteInt16LittleEndian(octets.AsSpan(32), (short)(Channels * width));
        BinaryPrimitives.WriteInt16LittleEndian(octets.AsSpan(34), (short)(8 * width));
        "data"u8.CopyTo(octets.AsSpan(38));
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(42), data);
        Span<byte> body = octets.AsSpan(46, data);
        switch (encoding)
        {
            case WaveEncoding.ALaw:
                G711.EncodeALaw(Samples, body);
                break;
            case WaveEncoding.MuLaw:
                G711.EncodeMuLaw(Samples, body);
                break;
            case WaveEncoding.Pcm8:
                for (int i = 0; i < Samples.Length; i++)
                    body[i] = (byte)((Samples[i] >> 8) + 128);
                break;
            default:
                for (int i = 0; i < Samples.Length; i++)
                    BinaryPrimitives.WriteInt16LittleEndian(body[(2 * i)..], Samples[i]);
                break;
        }
        return octets;
    }

    private static WaveParseError ReadData(ReadOnlySpan<byte> format, ReadOnlySpan<byte> data, out WaveFile? file)
    {
        file = null;
        if (format.Length < 16)
            return WaveParseError.NoFormat;
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(format);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(format[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        if (tag == FormatExtensible && format.Length >= 26)
            tag = BinaryPrimitives.ReadUInt16LittleEndian(format[24..]);
        if (channels is < 1 or > MaxChannels || rate is < 1000 or > 384_000)
            return WaveParseError.Unsupported;
        short[] samples;
        switch (tag, bits)
        {
            case (FormatALaw, 8):
                G711.DecodeALaw(data, samples = new short[data.Length]);
                break;
            case (FormatMuLaw, 8):
                G711.DecodeMuLaw(data, samples = new short[data.Length]);
                break;
            case (FormatPcm, 8):
                samples = new short[data.Length];
                for (int i = 0; i < samples.Length; i++)
                    samples[i] = (short)((data[i] - 128) << 8);
                break;
            case (FormatPcm, 16):
                samples = new short[data.Length / 2];
                for (int i = 0; i < samples.Length; i++)
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]);
                break;
            default:
                return WaveParseError.Unsupported;
        }
        if (samples.Length % channels != 0)
            samples = samples[..(samples.Length / channels * channels)];
        if (samples.Length == 0)
            return WaveParseError.NoData;
        file = new WaveFile((int)rate, channels, samples);
        return WaveParseError.None;
    }
}
