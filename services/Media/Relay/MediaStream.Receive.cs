using CloudPbx.Audio.Tones;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Quality;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>What comes from the peer.</summary>
internal sealed partial class MediaStream
{
    private PayloadKinds _kinds;            // of the settings
    private TelephoneEventReader _digits;
    private int _digitClockRate = 8000;
    private uint _digitSsrc;
    private long _strangers, _srtpFailures, _malformed, _lostBefore, _late, _sourceChanges;
    private bool _isNumberedAnew;           // the source's numbers have lost their cycles, and no speech of it was passed on since

    private void ReceiveRtp(Span<byte> buffer, int length, in UdpAddress from)
    {
        StreamFlags flags = State.Flags;
        if (flags == StreamFlags.None)
            return; // nothing is agreed: nobody may be heard
        if ((flags & StreamFlags.ShakesHands) != 0 && TryReceiveHandshake(buffer[..length], from, _settings!.Handshake!, _loop.Now))
            return;
        // Also where that was not agreed on (INTEROP I65): read as RTP it would be a packet of another source.
        if (RtpHeader.IsRtcp(buffer[..length]) && ((flags & StreamFlags.RtcpMux) != 0 || _kinds.Find(buffer[1], out _, out _) == PayloadKind.Unknown))
        {
            ReceiveRtcp(buffer, length, from, onRtpSocket: true);
            return;
        }
        long now = _loop.Now;
        if (UsesIce ? !IsChecked(from, now) : !State.Source.MayCome(from, _receiveProtected, now))
        {
            CountStranger();
            return;
        }
        int received = length;
        if (_receiveProtected && (_receiveCrypto is null || _receiveCrypto.UnprotectRtp(buffer[..received], out length) != SrtpError.None)
            && !_formerKey.TryUnprotectRtp(buffer[..received], now, out length))
        {
            CountSrtpFailure(); // counted, never a reason to end a call (SECURITY.md S15)
            return;
        }
        if (RtpPacket.Parse(buffer[..length], out RtpPacket packet) != RtpParseError.None)
        {
            CountMalformed();
            return;
        }
        if (!UsesIce && !State.Source.Accept(from, packet.Ssrc, packet.SequenceNumber, _receiveProtected, now))
        {
            CountStranger();
            return;
        }
        if (_carried is { } video && video.Takes(packet.PayloadType))
        {
            (State.Heard, State.SilenceReported) = (now, false);
            video.TakeRtp(buffer, length);
            return;
        }
        State.Heard = now;
        State.SilenceReported = false;
        PayloadKind kind = _kinds.Find(packet.PayloadType, out int clockRate, out AudioFormat format);
        if (kind == PayloadKind.Unknown && State.HasSource && packet.Ssrc != State.Received.Ssrc)
        {
            CountMalformed();                                   // of no use, and no reason to leave the source that is heard (SECURITY.md S15)
            return;
        }
        if (!Count(packet, clockRate == 0 ? State.ClockRate : clockRate, kind, now, out uint extended))
            return;
        if (kind == PayloadKind.Event)
        {
            LeaveShortWay();                                // until its end, which a tick may have to find
            _digitClockRate = clockRate;
            if (packet.Ssrc != _digitSsrc && _digits.Knows(packet.Timestamp))
                _partner?.State.Outgoing.Continue(Number, packet.Ssrc, extended);       // the same key, from another source: it is not pressed again (I53)
            _digitSsrc = packet.Ssrc;
            if (_digits.Add(packet.Timestamp, packet.Payload, now / 1000))
                Pressed(TelephoneEvent.DigitOf(packet.Payload[0]));
            TakeDigits(now);
        }
        else if (_inband is { } detector)
            HearDigits(detector, packet.Ssrc, format, packet.Payload);
        if (_isNumberedAnew && kind == PayloadKind.Audio)
        {
            // A source that was heard before, and is again after another that was not, would begin below the numbers that the hearer knows of it.
            _partner?.State.Outgoing.Switch();
            Map?.Transcoder?.Restart();
            _isNumberedAnew = false;
        }
        _tap?.Take(format, packet.Ssrc, extended, packet.Timestamp, packet.Payload, now);
        bool isTaken = (flags & StreamFlags.CanReceive) != 0;
        if (_mix is { } mix && isTaken)
            mix.In.TryWrite(now, buffer[..length]);
        if (_partner is { } target && isTaken)
        {
            byte payloadType = packet.PayloadType;          // passing on writes another one there
            PassOn(target, buffer, packet, format, extended, clockRate, now);
            TryShortWay(target, payloadType, kind, format, clockRate, received);
        }
    }

    /// <summary>Hands a packet to the leg that hears it, in place: its new header goes right before its payload.</summary>
    private void PassOn(MediaStream target, Span<byte> buffer, in RtpPacket packet, AudioFormat format, uint extended, int clockRate, long now)
    {
        (PayloadAct act, byte payloadType) = _acts[packet.PayloadType & 0x7F];
        if (act is PayloadAct.Copy or PayloadAct.MuLawToALaw or PayloadAct.ALawToMuLaw && IsRepacked(format, packet.Payload.Length))
            act = PayloadAct.Transcode;
        if (act == PayloadAct.Drop)
        {
            target.State.Outgoing.Skip(Number, packet.Ssrc, extended);
            return;
        }
        if (act == PayloadAct.Noise)
        {
            target.State.Outgoing.Skip(Number, packet.Ssrc, extended);
            EndTalk(target, now);
            target.HearNoise(ComfortNoise.LevelOfFrame(packet.Payload), now);
            return;
        }
        if (act == PayloadAct.Transcode)
        {
            if (AudioFormats.IsPause(format, packet.Payload))
            {
                EndTalk(target, now);
                target.HearNoise(Map!.Transcoder!.LevelOf(format, packet.Payload), now);
            }
            else
                target.Transcode(Map!.Transcoder!, format, packet, extended, State.Seen, now);
            return;
        }
        if (format == AudioFormat.Noise)
            EndTalk(target, now);                           // passed on beside packets that are re-packetised
        int start = packet.HeaderLength - RtpPacket.FixedHeaderLength; // contributing sources and extensions end at the leg
        int payloadLength = packet.Payload.Length;
        uint timestamp = packet.Timestamp;
        if (act == PayloadAct.Rescale)
        {
            int rate = Map!.EventClockRate;
            TelephoneEvent.Rescale(buffer.Slice(packet.HeaderLength, payloadLength), clockRate, rate);
            timestamp = (uint)((ulong)timestamp * (ulong)rate / (ulong)clockRate);
            clockRate = rate;
        }
        else if (act != PayloadAct.Copy)
            PayloadMap.Transcode(buffer.Slice(packet.HeaderLength, payloadLength), act);
        target.Forward(this, buffer[start..], payloadLength, payloadType, packet.Marker, packet.Ssrc, extended, timestamp, clockRate, now);
    }

    /// <summary>A pause begins: what waits for an earlier packet goes before it.</summary>
    private void EndTalk(MediaStream target, long now)
    {
        if (Map?.Transcoder is not { IsWaiting: true } transcoder)
            return;
        transcoder.WaitNoMore();
        target.SendWaiting(transcoder, now);
    }

    /// <summary>Follows the source's numbers.</summary>
    /// <returns>False for a packet that came twice, or whose number is too far off to be believed at once (RFC 3550 §A.1).</returns>
    private bool Count(in RtpPacket packet, int clockRate, PayloadKind kind, long now, out uint extended)
    {
        if (!State.HasSource || packet.Ssrc != State.Received.Ssrc)
        {
            if (State.HasSource)
            {
                _lostBefore += State.Received.Sequence.Lost;
                _sourceChanges++;
                _isNumberedAnew = true;
            }
            State.Received = new ReceiverStatistics(packet.Ssrc, probation: 0);
            State.Seen = default;
            State.HasSource = true;
        }
        int lost = State.Received.Sequence.Lost;
        SequenceOutcome outcome = State.Received.Add(packet.SequenceNumber, packet.Timestamp, unchecked((uint)(now * clockRate / 1_000_000)));
        extended = State.Received.Sequence.Extend(packet.SequenceNumber);
        if (outcome == SequenceOutcome.Restarted)
        {
            _lostBefore += lost;
            State.Seen = default;
            if (_partner is { } hearer)
                hearer.State.Outgoing.Switch();
        }
        if (outcome is not (SequenceOutcome.Valid or SequenceOutcome.Restarted) || !State.Seen.Add(extended))
            return false;
        if (extended != State.Received.Highest)
            _late++;
        _loop.Counters.Received++;
        State.Take(packet.SequenceNumber, packet.Timestamp, packet.Payload.Length, clockRate, kind == PayloadKind.Audio);
        return true;
    }

    private void CountStranger()
    {
        _strangers++;
        _loop.Counters.Strangers++;
    }

    private void CountSrtpFailure()
    {
        _srtpFailures++;
        _loop.Counters.SrtpFailures++;
    }

    private void CountMalformed()
    {
        _malformed++;
        _loop.Counters.Malformed++;
    }

    private void TakeDigits(long now)
    {
        while (_digits.TryTake(now / 1000, out CompletedEvent completed))
        {
            if (completed.Digit is { } digit)
                Released(digit, (int)((long)completed.DurationTicks * 1000 / _digitClockRate));
        }
    }

    /// <summary>A key went down: a partner that has no telephone events hears its tone.</summary>
    private void Pressed(char? digit)
    {
        if (digit is { } key && _partner is { } partner && partner != this && Map?.TonesFor is { } tones && tones(key) is { } tone)
            partner.Play(tone, queue: true);
    }

    private void Released(char digit, int durationMilliseconds)
    {
        _reports.Digit(Id, digit, durationMilliseconds);
        if (_playing is { } playing && playing.Until.Contains(digit, StringComparison.Ordinal))
            SetPlaying(null, PromptEnd.Digit, digit);
    }

    private LegStatistics Figures() => new()
    {
        Codec = _settings?.Media.Codec.Name,
        Encrypted = _settings?.Encrypted ?? false,
        PacketsSent = State.PacketsSent,
        PacketsReceived = State.PacketsReceived,
        OctetsSent = State.OctetsSent,
        OctetsReceived = State.OctetsReceived,
        Lost = _lostBefore + (State.HasSource ? State.Received.Sequence.Lost : 0),
        Late = _late,
        SourceChanges = _sourceChanges,
        LostByPeer = _lostByPeer,
        JitterMilliseconds = State.HasSource && _settings is not null ? State.Received.Jitter * 1000.0 / _settings.ClockRate : 0,
        StrangersDropped = _strangers,
        SrtpFailures = _srtpFailures,
        Malformed = _malformed,
        PtimeMilliseconds = State.PtimeMilliseconds,
        SentPtimeMilliseconds = _settings is { ClockRate: > 0 and var rate } ? (int)(State.SentTicks * 1000 / (uint)rate) : 0,
        RoundTripMilliseconds = _roundTripMilliseconds,
        Mos = Mos(),
    };

    /// <summary>What the other party would say of this one's voice: loss as counted, delay as half of the way to and fro, the packet time, and a buffer of twice the jitter.</summary>
    private double? Mos()
    {
        long lost = Math.Max(0, _lostBefore + (State.HasSource ? State.Received.Sequence.Lost : 0));
        if (_settings is not { } settings || State.PacketsReceived == 0)
            return null;
        double jitter = State.HasSource ? State.Received.Jitter * 1000.0 / settings.ClockRate : 0;
        double delay = ((_roundTripMilliseconds ?? 0) / 2) + State.PtimeMilliseconds + (2 * jitter);
        return Math.Round(VoiceQuality.Mos(settings.Media.Codec.Name, 100.0 * lost / (lost + State.PacketsReceived), delay), 2);
    }
}
