using CloudPbx.Audio.Tones;
using CloudPbx.Media.Playback;
using CloudPbx.MediaControl;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Media.Relay;

/// <summary>What our peer hears in the pauses of a partner that sends nothing in them, but how loud they are.</summary>
internal sealed partial class MediaStream
{
    private NoisePlaying? _noise;

    /// <summary>The partner is silent, with noise of a level: our peer is told so where it understands that, else it hears noise until the partner's next packet.</summary>
    private void HearNoise(int level, long now)
    {
        if (_settings is not { CanSend: true } settings || RtpDestination.IsNone || _hearsMix)
            return;
        if (settings.Media.SendComfortNoise is { } format)
        {
            if (_playing is not null)
                return;
            Span<byte> buffer = _loop.Buffer;
            buffer[RtpPacket.FixedHeaderLength] = (byte)level;
            State.Outgoing.Switch();                             // RFC 3389 §4: the timestamp says when the pause began, and the talk after it is a new one
            State.Outgoing.Next(Number, 0, format.Codec.ClockRate, now, out ushort sequence, out uint timestamp, out _);
            RtpHeader.Write(buffer, (byte)format.PayloadType, false, sequence, timestamp, State.Outgoing.Ssrc);
            Transmit(buffer, 1);
            State.Outgoing.Switch();
            return;
        }
        if (_playing is not null && _playing != _noise)
            return;
        _noise ??= NoisePlaying.Towards(settings.Media, settings.FrameMilliseconds);
        if (_noise is not { } noise)
            return;
        noise.Level = level;
        if (_playing is null)
            SetPlaying(noise, PromptEnd.Stopped);
    }

    /// <summary>Another codec, perhaps: the noise of the one before is over.</summary>
    private void ForgetNoise()
    {
        if (_noise is not null && _playing == _noise)
            SetPlaying(null, PromptEnd.Stopped);
        _noise = null;
    }
}
