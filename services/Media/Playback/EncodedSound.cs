using CloudPbx.Audio.Codecs;

namespace CloudPbx.Media.Playback;

/// <summary>A sound in one codec and packet time, encoded once and shared by all who play it. Immutable.</summary>
internal sealed class EncodedSound
{
    private readonly byte[] _octets;
    private readonly int[] _ends;

    private EncodedSound(byte[] octets, int[] ends, int frameMilliseconds, int clockRate)
    {
        _octets = octets;
        _ends = ends;
        FrameMilliseconds = frameMilliseconds;
        TicksPerFrame = (uint)(clockRate * frameMilliseconds / 1000);
    }

    /// <summary>Frames.</summary>
    public int Count => _ends.Length;

    public int FrameMilliseconds { get; }

    /// <summary>RTP timestamp ticks of a frame.</summary>
    public uint TicksPerFrame { get; }

    /// <summary>The payload of a frame.</summary>
    public ReadOnlySpan<byte> this[int index] => _octets.AsSpan((index == 0 ? 0 : _ends[index - 1])..(_ends[index]));

    /// <summary>Encodes samples; the last frame is filled with silence.</summary>
    /// <param name="samples">At the encoder's rate.</param>
    /// <param name="encoder">A fresh one.</param>
    /// <param name="frameMilliseconds">A packet time that the codec has.</param>
    public static EncodedSound Make(ReadOnlySpan<short> samples, IAudioCodec encoder, int frameMilliseconds)
    {
        int length = encoder.SampleRate * frameMilliseconds / 1000;
        int frames = Math.Max(1, (samples.Length + length - 1) / length);
        int[] ends = new int[frames];
        byte[] octets = new byte[samples.Length + length + OpusCodec.MaxPayload];
        short[] frame = new short[length];
        int written = 0;
        for (int i = 0; i < frames; i++)
        {
            ReadOnlySpan<short> part = samples[Math.Min(i * length, samples.Length)..Math.Min((i + 1) * length, samples.Length)];
            frame.AsSpan().Clear();
            part.CopyTo(frame);
            written += encoder.Encode(frame, octets.AsSpan(written));
            ends[i] = written;
        }
        return new EncodedSound(octets[..written], ends, frameMilliseconds, encoder.ClockRate);
    }
}
