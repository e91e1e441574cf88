using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;
using CloudPbx.Rtp.Packets;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>A party's voice as RTP packets on simulated time: one tone, in any codec and packet time.</summary>
internal sealed class Speaker
{
    private readonly IAudioCodec _codec;
    private readonly ToneGenerator _tone;
    private readonly byte[] _packet = new byte[1500];
    private readonly short[] _samples;
    private readonly byte _payloadType;
    private readonly uint _ssrc;
    private ushort _sequence;
    private uint _timestamp = 1000;

    public Speaker(AudioCodec codec, double hertz, int ptime = 20, double level = -15, uint ssrc = 1)
    {
        AudioFormat format = AudioFormats.Of(codec);
        _codec = AudioFormats.Create(format) ?? throw new InvalidOperationException($"{codec.Name} cannot be encoded.");
        _payloadType = PayloadTypeOf(codec);
        Ptime = ptime;
        _samples = new short[_codec.SampleRate * ptime / 1000];
        _tone = new ToneGenerator(new Audio.Tones.Tone(hertz, LevelDbm0: level), _codec.SampleRate);
        _ssrc = ssrc;
    }

    public int Ptime { get; }

    public static byte PayloadTypeOf(AudioCodec codec) => codec.Name switch { "PCMU" => 0, "PCMA" => 8, "G722" => 9, _ => 96 };

    public static NegotiatedMedia MediaOf(AudioCodec codec, int ptime = 20)
    {
        var format = new PayloadFormat(PayloadTypeOf(codec), codec);
        return new NegotiatedMedia
        {
            MediaIndex = 0,
            Send = format,
            Receive = [format],
            RemoteFormats = [format],
            RemoteConnection = new SdpConnection("127.0.0.1"),
            RemotePort = 4000,
            RemoteRtcpConnection = new SdpConnection("127.0.0.1"),
            RemoteRtcpPort = 4001,
            Direction = MediaDirection.SendRecv,
            PtimeMilliseconds = ptime,
        };
    }

    /// <summary>The next packet, whole.</summary>
    public ReadOnlySpan<byte> Next(bool marker = false)
    {
        _tone.Read(_samples);
        RtpHeader.Write(_packet, _payloadType, marker, _sequence++, _timestamp, _ssrc);
        int length = _codec.Encode(_samples, _packet.AsSpan(RtpPacket.FixedHeaderLength));
        _timestamp += (uint)(_codec.ClockRate * Ptime / 1000);
        return _packet.AsSpan(0, RtpPacket.FixedHeaderLength + length);
    }

    /// <summary>Says how loud its pause is (RFC 3389).</summary>
    public ReadOnlySpan<byte> Noise(byte level)
    {
        RtpHeader.Write(_packet, 13, false, _sequence++, _timestamp, _ssrc);
        _packet[RtpPacket.FixedHeaderLength] = level;
        return _packet.AsSpan(0, RtpPacket.FixedHeaderLength + 1);
    }

    /// <summary>Says nothing for a while, and no packet is lost: silence suppression.</summary>
    public void Pause(int milliseconds) => _timestamp += (uint)(_codec.ClockRate * milliseconds / 1000);

    public static RtpPacket Parse(ReadOnlySpan<byte> packet)
    {
        _ = RtpPacket.Parse(packet, out RtpPacket parsed);      // no assertion here: it would allocate
        return parsed;
    }
}
