using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;

namespace CloudPbx.TestKit.Recordings;

/// <summary>Sound files of a steady tone, for phones to play.</summary>
public static class ToneFile
{
    private const double LevelDbm0 = -6;

    /// <summary>Writes a WAV file (PCM, 16 bit).</summary>
    /// <param name="path">The file.</param>
    /// <param name="hertz">The tone; 0 is silence.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="channels">1 or 2, the same on both.</param>
    public static void WriteWave(string path, int hertz, int seconds, int rate, int channels)
    {
        short[] mono = Samples(hertz, seconds, rate);
        short[] samples = channels == 1 ? mono : [.. mono.SelectMany(sample => Enumerable.Repeat(sample, channels))];
        File.WriteAllBytes(path, new WaveFile(rate, channels, samples).Write(WaveEncoding.Pcm16));
    }

    /// <summary>Writes the bare octets of G.711 µ-law at 8 kHz, as sipp sends them.</summary>
    public static void WriteMuLaw(string path, int hertz, int seconds)
    {
        short[] samples = Samples(hertz, seconds, 8000);
        byte[] octets = new byte[samples.Length];
        G711.EncodeMuLaw(samples, octets);
        File.WriteAllBytes(path, octets);
    }

    private static short[] Samples(int hertz, int seconds, int rate)
    {
        short[] samples = new short[seconds * rate];
        if (hertz > 0) new ToneGenerator(new Tone(hertz, LevelDbm0: LevelDbm0), rate).Read(samples);
        return samples;
    }
}
