using System.Buffers.Binary;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.AllInOne.Sample;

/// <summary>A recording that sounds like two who take turns: no voice, but a player has something to show and to play.</summary>
internal static class SampleRecording
{
    private const int Rate = 8000;

    /// <summary>Makes the sealed file.</summary>
    /// <param name="recording">Which.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="seed">Which melody.</param>
    /// <param name="key">Its key.</param>
    public static byte[] Make(RecordingId recording, int seconds, int seed, byte[] key)
    {
        byte[] samples = new byte[seconds * Rate * 4];
        Random random = new(seed);
        for (int begin = 0, turn = 0; begin < seconds * Rate; turn++)
        {
            int length = Math.Min(Rate / 4 * random.Next(2, 9), (seconds * Rate) - begin);
            double pitch = turn % 2 == 0 ? 150 + random.Next(60) : 210 + random.Next(80);
            for (int i = 0; i < length; i++)
            {
                double time = (double)i / Rate, syllable = Math.Max(0, Math.Sin(2 * Math.PI * 3.3 * time)), swell = Math.Sin(Math.PI * i / length);
                double wave = Math.Sin(2 * Math.PI * pitch * time) + (.5 * Math.Sin(4 * Math.PI * pitch * time)) + (.25 * Math.Sin(6 * Math.PI * pitch * time));
                BinaryPrimitives.WriteInt16LittleEndian(samples.AsSpan(((begin + i) * 4) + (turn % 2 * 2)), (short)(5200 * wave * syllable * swell));
            }
            begin += length + (Rate / 8);
        }
        return SealedAudio.Stereo(Rate, recording).SealAll(key, samples);
    }
}
