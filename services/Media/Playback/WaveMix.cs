using CloudPbx.Audio.Wave;

namespace CloudPbx.Media.Playback;

/// <summary>Makes one channel of several.</summary>
internal static class WaveMix
{
    /// <summary>The mean of all channels; the file's own samples where it has one.</summary>
    public static short[] OneChannel(WaveFile file)
    {
        if (file.Channels == 1)
            return file.Samples;
        short[] samples = new short[file.Samples.Length / file.Channels];
        for (int i = 0; i < samples.Length; i++)
        {
            int sum = 0;
            for (int channel = 0; channel < file.Channels; channel++)
                sum += file.Samples[(i * file.Channels) + channel];
            samples[i] = (short)(sum / file.Channels);
        }
        return samples;
    }
}
