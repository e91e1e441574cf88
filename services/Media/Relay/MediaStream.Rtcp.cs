using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>RTCP, which ends at each leg: our own reports, and the peer's read for the figures.</summary>
internal sealed partial class MediaStream
{
    private const int MinimumIntervalMicroseconds = 5_000_000; // RFC 3550 §6.2
    private const double Compensation = 1.21828;               // §6.3.1: e − 3/2

    private readonly RtcpReportBlock[] _reportBlocks = new RtcpReportBlock[1];
    private UdpAddress _rtcpLearned;
    private bool _sentBeforeReport, _hasReported;
    private long _lostByPeer;
    private double? _roundTripMilliseconds;

    private void ReceiveRtcp(Span<byte> buffer, int length, in UdpAddress from, bool onRtpSocket)
    {
        StreamSettings? settings = _settings;
        if (settings is null)
            return;
        long now = _loop.Now;
        if (!onRtpSocket ? !MayReport(settings, from) : UsesIce ? !IsChecked(from, now) : from != RtpDestination)
        {
            CountStranger();
            return;
        }
        Span<byte> datagram = buffer[..length];
        if (_receiveProtected && (_receiveCrypto is null || _receiveCrypto.UnprotectRtcp(datagram, out length) != SrtpError.None)
            && !_formerKey.TryUnprotectRtcp(datagram, now, out length))
        {
            CountSrtpFailure();
            return;
        }
        if (RtcpCompound.Parse(datagram[..length], out RtcpCompound compound) != RtcpParseError.None)
        {
            CountMalformed();
            return;
        }
        State.Heard = now; // RTCP keeps a quiet leg alive (INTEROP I58)
        State.SilenceReported = false;
        if (!onRtpSocket)
            _rtcpLearned = from;
        else if (_carried is { } video && IsOfCarried(compound))
        {
            video.TakeRtcp(buffer, length);
            return;
        }
        ulong ntp = _clock.NtpTime;
        foreach (RtcpPacket packet in compound)
        {
            if (packet.TryGetSenderInfo(out RtcpSenderInfo info) && State.HasSource && packet.Ssrc == State.Received.Ssrc)
                State.Received.AddSenderReport(info, now / 1000);
            for (int i = 0; i < packet.ReportCount; i++)
                ReadReport(packet.Report(i), (uint)(ntp >> 16));
        }
    }

    private void ReadReport(in RtcpReportBlock report, uint middleNtp)
    {
        if (report.Ssrc != State.Outgoing.Ssrc)
            return;
        _lostByPeer = report.CumulativeLost;
        if (report.RoundTrip(middleNtp) is { } roundTrip)
            _roundTripMilliseconds = roundTrip.TotalMilliseconds;
    }

    /// <summary>RTCP comes from the host of the RTP; before that is learned, from the described one. The first port stays.</summary>
    private bool MayReport(StreamSettings settings, in UdpAddress from)
    {
        if (!_rtcpLearned.IsNone && _rtcpLearned.SameHost(from))
            return from == _rtcpLearned;
        return !State.Source.Locked.IsNone
            ? from.SameHost(State.Source.Locked) || from == settings.RtcpTarget
            : from.SameHost(settings.RtcpTarget) || (settings.Sources.Learn && from.SameHost(settings.Sources.Signalling));
    }

    private void ScheduleRtcp(long now, bool initial)
    {
        double interval = MinimumIntervalMicroseconds * (0.5 + _loop.Random.NextDouble()) / Compensation;
        State.ReportDue = now + (long)(initial ? interval / 2 : interval);
    }

    private void SendRtcp(long now, bool goodbye)
    {
        if (goodbye && !_hasReported && State.PacketsSent == 0)
            return; // §6.3.7: who never sent a packet must not say that it leaves
        if (_settings is not { } settings || RtcpDestination(settings) is not { IsNone: false } to)
            return;
        ReadOnlySpan<RtcpReportBlock> reports = _reportBlocks.AsSpan(0, State.HasSource ? 1 : 0);
        if (State.HasSource)
            _reportBlocks[0] = State.Received.NextReport(now / 1000);
        Span<byte> buffer = _loop.Buffer;
        var writer = new RtcpWriter(buffer[..1024]);
        if (State.SentSinceReport || _sentBeforeReport) // §6.4: a sender is who sent since the report before the last
        {
            var info = new RtcpSenderInfo(_clock.NtpTime, State.Outgoing.TimestampAt(now, settings.ClockRate), (uint)State.PacketsSent, (uint)State.OctetsSent);
            writer.TryWriteSenderReport(State.Outgoing.Ssrc, info, reports);
        }
        else
            writer.TryWriteReceiverReport(State.Outgoing.Ssrc, reports);
        writer.TryWriteCanonicalName(State.Outgoing.Ssrc, _cname);
        if (goodbye)
            writer.TryWriteBye(State.Outgoing.Ssrc);
        (_sentBeforeReport, State.SentSinceReport) = (State.SentSinceReport, false);
        int length = writer.Length;
        if (settings.Encrypted && (_sendCrypto is null || _sendCrypto.ProtectRtcp(buffer, length, out length) != SrtpError.None))
            return;
        _hasReported = true;
        _loop.TrySend(settings.RtcpMux ? Ports.Rtp : Ports.Rtcp, buffer[..length], to);
    }

    private UdpAddress RtcpDestination(StreamSettings settings)
    {
        if (settings.RtcpMux)
            return RtpDestination;
        if (!_rtcpLearned.IsNone)
            return _rtcpLearned;
        // A peer that sends RTP from elsewhere sits behind a NAT: its described RTCP address is no better than its RTP address.
        return State.Source.Locked.IsNone || State.Source.Locked.SameHost(settings.RtcpTarget) ? settings.RtcpTarget : default;
    }
}
