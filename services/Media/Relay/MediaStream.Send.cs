using System.Buffers.Binary;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Playback;
using CloudPbx.Media.Recording;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>What goes to the peer.</summary>
internal sealed partial class MediaStream
{
    private const int MaxPayload = 1275;
    private const int MaxBurst = 5; // frames made up for after a stall; what is older is skipped

    private long _playingDue;

    /// <summary>Where RTP goes: to the learned source, until then to the described address (INTEROP I66).</summary>
    private UdpAddress RtpDestination => UsesIce ? _iceSelected : State.Source.Locked.IsNone ? _settings!.RtpTarget : State.Source.Locked;

    private bool CanSend => (State.Flags & StreamFlags.CanSend) != 0;

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
        if (!CanSend || RtpDestination.IsNone)
        {
            State.Outgoing.Switch(); // when the peer can be reached again, that is a new talk
            return;
        }
        if (!IsPartnerHeard())
            return;
        if (!State.Outgoing.TryMap(source.Number, ssrc, extended, timestamp, clockRate, now, out ushort sequence, out uint sendTimestamp, out bool first))
            return;
        RtpHeader.Write(buffer, payloadType, marker || first, sequence, sendTimestamp, State.Outgoing.Ssrc);
        Transmit(buffer, payloadLength);
    }

    /// <summary>Takes another stream's packet as speech and sends what frames become of it.</summary>
    private void Transcode(Transcoder transcoder, AudioFormat format, in RtpPacket packet, uint extended, in SeenWindow seen, long now)
    {
        SendFrames(transcoder, transcoder.Push(format, packet.Ssrc, extended, packet.Timestamp, packet.Payload, seen, now), now);
        SendWaiting(transcoder, now);
    }

    /// <summary>Sends what becomes of packets that waited for an earlier one, where they need not any more.</summary>
    private void SendWaiting(Transcoder transcoder, long now)
    {
        while (transcoder.TryRelease(now, out bool flows))
            SendFrames(transcoder, flows, now);
    }

    private void SendFrames(Transcoder transcoder, bool flows, long now)
    {
        if (!flows)
            State.Outgoing.Switch();
        Span<byte> buffer = _loop.Buffer;                     // the packet has been taken out of it
        while (transcoder.TryTake(buffer.Slice(RtpPacket.FixedHeaderLength, MaxPayload), out int length))
        {
            if (!CanSend || RtpDestination.IsNone)
            {
                State.Outgoing.Switch();
                continue;
            }
            if (!IsPartnerHeard())
                continue;
            State.Outgoing.Next(transcoder.Number, transcoder.TicksPerFrame, transcoder.ClockRate, now, out ushort sequence, out uint timestamp, out bool first);
            RtpHeader.Write(buffer, transcoder.PayloadType, first, sequence, timestamp, State.Outgoing.Ssrc);
            Transmit(buffer, length);
        }
    }

    /// <summary>Whether the partner's packet goes out: not over what plays, nor beside a mix in which it is heard anyway. A ringing tone ends with it.</summary>
    private bool IsPartnerHeard()
    {
        if (_playing is { YieldsToPartner: true })
            SetPlaying(null, PromptEnd.Stopped);
        return _playing is null && !_hearsMix;
    }

    private void PlayDue(long now)
    {
        Playing playing = _playing!;
        if (now - _playingDue > MaxBurst * playing.FrameMicroseconds)
            _playingDue = now - playing.FrameMicroseconds;
        for (; now >= _playingDue; _playingDue += playing.FrameMicroseconds)
        {
            Span<byte> buffer = _loop.Buffer;
            if (!playing.TryNext(buffer.Slice(RtpPacket.FixedHeaderLength, MaxPayload), out PlaybackFrame frame))
            {
                EndPlaying(playing);
                return;
            }
            if (frame.Length == 0 || !CanSend || RtpDestination.IsNone)
                continue;
            State.Outgoing.Next(playing.Number, frame.Ticks, frame.ClockRate, now, out ushort sequence, out uint timestamp, out bool first);
            RtpHeader.Write(buffer, frame.PayloadType, first || frame.Marker, sequence, timestamp, State.Outgoing.Ssrc);
            Transmit(buffer, frame.Length);
        }
    }

    private void EndPlaying(Playing playing)
    {
        Playing? next = playing.Next;
        playing.Next = null;
        SetPlaying(next, PromptEnd.Finished);
    }

    /// <summary>Sends what the mixer has made.</summary>
    public void SendMixed(long now)
    {
        if (_mix is not { } port)
            return;
        while (port.Out.TryRead(out long stamp, out Span<byte> payload))
        {
            if (!_hearsMix || _playing is not null)
                continue;
            if (!CanSend || RtpDestination.IsNone)
            {
                State.Outgoing.Switch();
                continue;
            }
            (AudioFormat format, byte payloadType, uint ticks, int clockRate) = MixPort.Read(stamp);
            Span<byte> buffer = _loop.Buffer;
            payload.CopyTo(buffer[RtpPacket.FixedHeaderLength..]);
            State.Outgoing.Next(port.Number, ticks, clockRate, now, out ushort sequence, out uint timestamp, out bool first);
            RtpHeader.Write(buffer, payloadType, first, sequence, timestamp, State.Outgoing.Ssrc);
            if (port.IsRoom && _heardTap is { } tap)
                TapHeard(tap, format, timestamp, payload, follows: !first, now);
            Transmit(buffer, payload.Length);
        }
    }

    /// <summary>Copies a frame of the mix to a recording. What was played meanwhile took numbers that are not missing there.</summary>
    private void TapHeard(RecordingTap tap, AudioFormat format, uint timestamp, ReadOnlySpan<byte> payload, bool follows, long now)
    {
        if (!follows)
            tap.Break(now);
        tap.Take(format, State.Outgoing.Ssrc, State.Outgoing.Highest, timestamp, payload, now);
    }

    private void Transmit(Span<byte> buffer, int payloadLength)
    {
        int length = RtpPacket.FixedHeaderLength + payloadLength;
        State.Advance(BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]));
        if ((State.Flags & StreamFlags.Encrypted) != 0 && (_sendCrypto is null || _sendCrypto.ProtectRtp(buffer, length, out length) != SrtpError.None))
            return;
        if (!_loop.TrySend(State.Socket, buffer[..length], RtpDestination))
            return;
        State.Count(payloadLength);
        _loop.Counters.Sent++;
    }
}
