using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Playback;

/// <summary>Noise in the pauses of a partner that sends nothing in them, for a peer that has no noise frames itself (RFC 3389). The partner's next packet ends it.</summary>
/// <remarks>Made once for each stream and codec, and used again.</remarks>
internal sealed class NoisePlaying : Playing
{
    private readonly ComfortNoise _noise = new();
    private readonly IAudioCodec _encoder;
    private readonly short[] _frame;
    private readonly int _milliseconds;
    private readonly byte _payloadType;

    private NoisePlaying(IAudioCodec encoder, int frameMilliseconds, byte payloadType)
    {
        (_encoder, _milliseconds, _payloadType) = (encoder, frameMilliseconds, payloadType);
        _frame = new short[encoder.SampleRate * frameMilliseconds / 1000];
        YieldsToPartner = true;
    }

    /// <summary>Makes one.</summary>
    /// <param name="to">What was agreed on with who hears it.</param>
    /// <param name="frameMilliseconds">The packet time it is sent.</param>
    /// <returns>Null where its codec cannot be encoded here.</returns>
    public static NoisePlaying? Towards(NegotiatedMedia to, int frameMilliseconds) =>
        AudioFormats.Create(AudioFormats.Of(to.Codec)) is { } encoder ? new NoisePlaying(encoder, frameMilliseconds, (byte)to.Send.PayloadType) : null;

    /// <summary>The level in −dBov.</summary>
    public int Level
    {
        get => _noise.Level;
        set => _noise.Level = value;
    }

    public override int FrameMicroseconds => _milliseconds * 1000;

    public override bool TryNext(Span<byte> payload, out PlaybackFrame frame)
    {
        _noise.Generate(_frame);
        frame = new PlaybackFrame(_encoder.Encode(_frame, payload), _payloadType, (uint)(_encoder.ClockRate * _milliseconds / 1000), _encoder.ClockRate, false);
        return true;
    }
}
