using System.Runtime.InteropServices;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Wave;
using CloudPbx.Media.Playback;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Control;

/// <summary>
/// Makes of a WAV file that a stranger has uploaded one channel of samples at one rate, and nothing else (SECURITY.md S26): no octet of the file itself is kept, so
/// whatever else was hidden in it is gone. What it would cost is computed from the file's head before it is spent.
/// </summary>
internal static class UploadDecoder
{
    private static readonly SemaphoreSlim s_one = new(1);         // of all uploads of this node: packets come first

    /// <summary>Decodes one file, after those that came before.</summary>
    /// <param name="octets">The file.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<(DecodeFault Fault, short[] Samples)> DecodeAsync(ReadOnlyMemory<byte> octets, CancellationToken cancel)
    {
        await s_one.WaitAsync(cancel);
        try
        {
            return Decode(octets.Span);
        }
        finally
        {
            s_one.Release();
        }
    }

    /// <summary>Decodes one file.</summary>
    public static (DecodeFault Fault, short[] Samples) Decode(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > DecodeLimits.MostOctets)
            return (DecodeFault.TooLarge, []);
        WaveParseError wrong = WaveFile.TryRead(octets, out WaveFile? file);
        if (wrong != WaveParseError.None)
        {
            return (wrong switch
            {
                WaveParseError.NotWave => DecodeFault.NotWave,
                WaveParseError.NoFormat => DecodeFault.NoFormat,
                WaveParseError.NoData => DecodeFault.NoData,
                _ => DecodeFault.Unsupported,
            }, []);
        }
        // A few octets a second may be hours: at our rate they would be a thousand times as many.
        if (file!.Duration > TimeSpan.FromSeconds(DecodeLimits.MostSeconds))
            return (DecodeFault.TooLong, []);
        short[] samples = SampleRateConversion.Convert(WaveMix.OneChannel(file), file.SampleRate, DecodeLimits.SampleRate);
        return samples.Length == 0 ? (DecodeFault.NoData, []) : (DecodeFault.None, samples);
    }

    /// <summary>Samples as they go over the wire.</summary>
    public static byte[] ToOctets(ReadOnlySpan<short> samples)
    {
        byte[] octets = new byte[samples.Length * 2];
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(samples).CopyTo(octets);
        else
            for (int i = 0; i < samples.Length; i++)
                System.Buffers.Binary.BinaryPrimitives.WriteInt16LittleEndian(octets.AsSpan(i * 2), samples[i]);
        return octets;
    }
}
