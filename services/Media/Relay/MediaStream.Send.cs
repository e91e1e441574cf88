using CloudPbx.Media.Playback;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>What goes to the peer.</summary>
internal sealed partial class MediaStream
{
    private const int MaxToneBurst = 5; // frames made up for after a stall; what is older is skipped

    private OutgoingSequence _outgoing;
    private long _packetsSent, _octetsSent;
    private int _toneFrame;
    private long _toneDue;

    /// <summary>Where RTP goes: to the learned source, until then to the described address (INTEROP I66).</summary>
    private UdpAddress RtpDestination => _source.Locked.IsNone ? _settings!.RtpTarget : _source.Locked;

    /// <summary>Sends another stream's packet as one of ours.</summary>
    /// <param name="source">Whose packet it is.</param>
    /// <param name="buffer">Twelve octets for the header, the payload, and room for an SRTP tag.</param>
    /// <param name="payloadLength">Octets of payload.</param>
    /// <param name="payloadType">Ours.</param>
    /// <param name="marker">The packet's own marker.</param>
    /// <param name="ssrc">Of the source.</param>
    /// <param name="extended">The source's extended sequence number.</param>
    /// <param name="timestamp">The source's timestamp.</param>
    /// <param name="clockRate">Of the timestamp.</param>
    /// <param name="now">Microseconds.</param>
    private void Forward(
        MediaStream source, Span<byte> buffer, int payloadLength, byte payloadType, bool marker, uint ssrc, uint extended, uint timestamp, int clockRate, long now)
    {
        if (_settings is not { CanSend: true } || RtpDestination.IsNone)
        {
            _outgoing.Switch(); // when the peer can be reached again, that is a new talk
            return;
        }
        if (_tone is not null)
            PlayWhileRinging(null);
        if (!_outgoing.TryMap(source, ssrc, extended, timestamp, clockRate, now, out ushort sequence, out uint sendTimestamp, out bool first))
            return;
        RtpHeader.Write(buffer, payloadType, marker || first, sequence, sendTimestamp, _outgoing.Ssrc);
        Transmit(buffer, payloadLength);
    }

    private void PlayDue(long now)
    {
        ToneFrames tone = _tone!;
        if (now - _toneDue > MaxToneBurst * ToneFrames.FrameMicroseconds)
            _toneDue = now - ToneFrames.FrameMicroseconds;
        for (; now >= _toneDue; _toneDue += ToneFrames.FrameMicroseconds)
        {
            ReadOnlySpan<byte> payload = tone[_toneFrame];
            _toneFrame = (_toneFrame + 1) % tone.Count;
            if (!_settings!.CanSend || RtpDestination.IsNone)
                continue;
            Span<byte> buffer = _loop.Buffer;
            _outgoing.Next(tone, (uint)tone.TicksPerFrame, _settings.ClockRate, now, out ushort sequence, out uint timestamp, out bool first);
            RtpHeader.Write(buffer, (byte)_settings.Media.Send.PayloadType, first, sequence, timestamp, _outgoing.Ssrc);
            payload.CopyTo(buffer[RtpPacket.FixedHeaderLength..]);
            Transmit(buffer, payload.Length);
        }
    }

    private void Transmit(Span<byte> buffer, int payloadLength)
    {
        int length = RtpPacket.FixedHeaderLength + payloadLength;
        if (_settings!.Media.Encrypted && (_sendCrypto is null || _sendCrypto.ProtectRtp(buffer, length, out length) != SrtpError.None))
            return;
        if (!Ports.Rtp.TrySend(buffer[..length], RtpDestination))
            return;
        _packetsSent++;
        _loop.Counters.Sent++;
        _octetsSent += payloadLength;
        _sentSinceReport = true;
    }
}
