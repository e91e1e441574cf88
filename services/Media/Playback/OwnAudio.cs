using System.Collections.Concurrent;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Resampling;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Playback;

/// <summary>A tenant's own sound as it plays: its samples, and what was encoded of them.</summary>
/// <remarks>Thread-safe, for control threads. Lives as long as a leg plays it or <see cref="OwnSounds"/> keeps it.</remarks>
internal sealed class OwnAudio(short[] samples, int sampleRate)
{
    private readonly ConcurrentDictionary<(AudioFormat Format, int Milliseconds), EncodedSound> _encoded = new();

    /// <summary>Octets that it takes: the samples, and about as much again for what is encoded of them.</summary>
    public long Weight => samples.Length * 4L;

    /// <summary>The sound, encoded.</summary>
    /// <param name="format">The codec.</param>
    /// <param name="frameMilliseconds">A packet time that the codec has.</param>
    /// <returns>Null where the codec cannot be encoded here.</returns>
    public EncodedSound? Find(AudioFormat format, int frameMilliseconds)
    {
        if (_encoded.TryGetValue((format, frameMilliseconds), out EncodedSound? known))
            return known;
        if (AudioFormats.Create(format) is not { } encoder)
            return null;
        EncodedSound made = new(SampleRateConversion.Convert(samples, sampleRate, encoder.SampleRate), encoder, frameMilliseconds);
        EncodedSound sound = _encoded.GetOrAdd((format, frameMilliseconds), made);
        if (sound == made)
            ThreadPool.UnsafeQueueUserWorkItem(static sound => sound.EncodeRest(), made, preferLocal: false);
        return sound;
    }
}
