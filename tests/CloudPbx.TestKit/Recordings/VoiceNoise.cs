using CloudPbx.Audio.Resampling;

namespace CloudPbx.TestKit.Recordings;

/// <summary>Noise as loud and as dull as a voice, of which no part is like another one: what is heard of it tells when it was said.</summary>
public static class VoiceNoise
{
    private const int Rate = 8000, Width = 6;           // a running sum of six samples leaves little above 1.3 kHz: every codec follows its wave form

    /// <summary>Makes it.</summary>
    /// <param name="seed">Which; equal seeds make equal noise, at any rate.</param>
    /// <param name="duration">How long.</param>
    /// <param name="sampleRate">Samples per second.</param>
    public static short[] Make(int seed, TimeSpan duration, int sampleRate = Rate)
    {
        var random = new Random(seed);
        short[] samples = new short[(int)(duration.TotalSeconds * Rate)];
        int[] last = new int[Width];
        for (int i = 0, sum = 0; i < samples.Length; i++)
        {
            int next = random.Next(-3000, 3001);
            sum += next - last[i % Width];
            last[i % Width] = next;
            samples[i] = (short)sum;
        }
        return SampleRateConversion.Convert(samples, Rate, sampleRate);
    }
}
