using CloudPbx.Audio.Codecs;
using CloudPbx.Media.Relay;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Mixing;

/// <summary>What was agreed on with one party, as the mixer needs it. Replaced whole by each offer/answer.</summary>
/// <param name="Kinds">What its payload types mean.</param>
/// <param name="Format">The codec it is sent.</param>
/// <param name="Encoder">For this party alone.</param>
/// <param name="FrameMilliseconds">The packet time it is sent.</param>
/// <param name="PayloadType">Its number for what it is sent.</param>
internal sealed record MixFormat(PayloadKinds Kinds, AudioFormat Format, IAudioCodec Encoder, int FrameMilliseconds, byte PayloadType)
{
    /// <summary>Makes one.</summary>
    /// <param name="media">What was agreed on.</param>
    /// <param name="ptimeMilliseconds">The only packet time that the party takes, or null.</param>
    /// <returns>Null where its codec cannot be encoded here.</returns>
    public static MixFormat? Of(NegotiatedMedia media, int? ptimeMilliseconds)
    {
        AudioFormat format = AudioFormats.Of(media.Codec);
        return AudioFormats.Create(format) is { } encoder
            ? new MixFormat(PayloadKinds.Of(media), format, encoder, AudioFormats.FrameTime(media, ptimeMilliseconds), (byte)media.Send.PayloadType)
            : null;
    }
}
