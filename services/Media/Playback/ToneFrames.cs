using CloudPbx.Audio.Codecs;
using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Playback;

/// <summary>One cadence of a progress tone, encoded, in frames of 20 ms. Immutable, shared by all who play it.</summary>
internal sealed class ToneFrames
{
    public const int FrameMicroseconds = 20_000;

    private const int FramesPerSecond = 50;
    private const double Hertz = 425;               // ITU-T E.180, most of Europe
    private const double Amplitude = 0.22 * short.MaxValue; // about −13 dBm0

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<(Tone, AudioCodec), ToneFrames?> s_made = [];

    private readonly byte[] _octets;
    private readonly int _frameLength;

    private ToneFrames(byte[] octets, int frameLength, int clockRate)
    {
        _octets = octets;
        _frameLength = frameLength;
        TicksPerFrame = clockRate / FramesPerSecond;
    }

    /// <summary>Frames of one cadence; it repeats.</summary>
    public int Count => _octets.Length / _frameLength;

    /// <summary>RTP timestamp ticks of a frame.</summary>
    public int TicksPerFrame { get; }

    /// <summary>The payload of a frame.</summary>
    public ReadOnlySpan<byte> this[int index] => _octets.AsSpan(index * _frameLength, _frameLength);

    /// <summary>A tone in a codec, made once. Not for the packet path: the first call computes.</summary>
    /// <returns>Null when we cannot encode that codec.</returns>
    public static ToneFrames? For(Tone tone, AudioCodec codec)
    {
        lock (s_gate) // taken by controllers' readers only
        {
            if (!s_made.TryGetValue((tone, codec), out ToneFrames? frames))
                s_made.Add((tone, codec), frames = Make(tone, codec));
            return frames;
        }
    }

    private static ToneFrames? Make(Tone tone, AudioCodec codec)
    {
        if (codec.Channels != 1 || AudioCodecs.Create(codec.Name, codec.ClockRate) is not { } encoder)
            return null;
        (double on, double off) = tone switch
        {
            Tone.Ringback => (1.0, 4.0),
            Tone.Busy => (0.5, 0.5),
            _ => (0.25, 0.25),
        };
        int frameSamples = encoder.SampleRate / FramesPerSecond;
        // Two cadences: a quarter of a second is no whole number of frames.
        int period = (int)((on + off) * encoder.SampleRate), sounding = (int)(on * encoder.SampleRate);
        short[] samples = new short[2 * period];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = i % period < sounding ? (short)(Amplitude * Math.Sin(2 * Math.PI * Hertz * (i % period) / encoder.SampleRate)) : (short)0;
        byte[] octets = new byte[samples.Length * 2];
        int written = 0, frameLength = 0;
        for (int at = 0; at + frameSamples <= samples.Length; at += frameSamples)
        {
            frameLength = encoder.Encode(samples.AsSpan(at, frameSamples), octets.AsSpan(written));
            written += frameLength;
        }
        return new ToneFrames(octets[..written], frameLength, encoder.ClockRate);
    }
}
