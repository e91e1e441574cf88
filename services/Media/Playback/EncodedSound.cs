using CloudPbx.Audio.Codecs;

namespace CloudPbx.Media.Playback;

/// <summary>A sound in one codec and packet time, encoded once and shared by all who play it.</summary>
/// <remarks>
/// Its frames come one after the other: a minute of music is heard at once, and who asked for it does not wait until it is encoded. Encoding is a hundred times
/// faster than playing; whoever is there first nevertheless finds <see cref="Ready"/> and waits.
/// </remarks>
internal sealed class EncodedSound
{
    private const int FirstMilliseconds = 500;

    private short[] _samples;                                     // let go of once all is encoded: a minute of wideband music is 2 MB
    private readonly IAudioCodec _encoder;
    private readonly int[] _ends;
    private byte[] _octets;
    private int _ready, _written;

    /// <summary>Makes it with its first half second.</summary>
    /// <param name="samples">At the encoder's rate; the last frame is filled with silence.</param>
    /// <param name="encoder">A fresh one.</param>
    /// <param name="frameMilliseconds">A packet time that the codec has.</param>
    public EncodedSound(short[] samples, IAudioCodec encoder, int frameMilliseconds)
    {
        (_samples, _encoder, FrameMilliseconds) = (samples, encoder, frameMilliseconds);
        FrameLength = encoder.SampleRate * frameMilliseconds / 1000;
        _ends = new int[Math.Max(1, (samples.Length + FrameLength - 1) / FrameLength)];
        _octets = new byte[samples.Length + FrameLength + OpusCodec.MaxPayload];
        TicksPerFrame = (uint)(encoder.ClockRate * frameMilliseconds / 1000);
        EncodeUpTo(Math.Min(Count, FirstMilliseconds / frameMilliseconds));
    }

    /// <summary>Frames.</summary>
    public int Count => _ends.Length;

    /// <summary>How many of them are there.</summary>
    public int Ready => Volatile.Read(ref _ready);

    public int FrameMilliseconds { get; }

    /// <summary>RTP timestamp ticks of a frame.</summary>
    public uint TicksPerFrame { get; }

    private int FrameLength { get; }

    /// <summary>The payload of a frame.</summary>
    /// <param name="index">Below <see cref="Ready"/>.</param>
    public ReadOnlySpan<byte> this[int index] => Volatile.Read(ref _octets).AsSpan((index == 0 ? 0 : _ends[index - 1])..(_ends[index]));

    /// <summary>Encodes what is not there yet. By one thread, once.</summary>
    public void EncodeRest()
    {
        EncodeUpTo(Count);
        Volatile.Write(ref _octets, _octets[.._written]);
        _samples = [];
    }

    private void EncodeUpTo(int count)
    {
        short[] frame = new short[FrameLength];
        for (int i = _ready; i < count; i++)
        {
            ReadOnlySpan<short> part = _samples.AsSpan(Math.Min(i * FrameLength, _samples.Length)..Math.Min((i + 1) * FrameLength, _samples.Length));
            frame.AsSpan().Clear();
            part.CopyTo(frame);
            _written += _encoder.Encode(frame, _octets.AsSpan(_written));
            _ends[i] = _written;
            Volatile.Write(ref _ready, i + 1);
        }
    }
}
