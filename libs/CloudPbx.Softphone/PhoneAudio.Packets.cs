using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Audio.Codecs;
using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CloudPbx.Sdp;

namespace CloudPbx.Softphone;

// What goes out and what comes in.
public sealed partial class PhoneAudio
{
    private const int LargestDatagram = 1500;
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromSeconds(5);

    private readonly byte[] _packet = new byte[LargestDatagram];
    private readonly RtcpReportBlock[] _report = new RtcpReportBlock[1];
    private readonly StringBuilder _digits = new();
    private AudioFigures _figures;
    private ReceiverStatistics _received;
    private TelephoneEventReader _keys;
    private IAudioCodec? _decoder;
    private ushort _sequence = (ushort)Random.Shared.Next(ushort.MaxValue);
    private uint _timestamp = (uint)Random.Shared.Next();
    private uint _pressTimestamp;
    private uint _octetsSent;

    private static long Milliseconds => Stopwatch.GetTimestamp() * 1000 / Stopwatch.Frequency;

    private async Task SendAsync(CancellationToken cancel)
    {
        var ptime = TimeSpan.FromMilliseconds(_options.PtimeMilliseconds);
        long start = Stopwatch.GetTimestamp();
        TimeSpan next = TimeSpan.Zero, report = TimeSpan.FromSeconds(1);
        try
        {
            while (true)
            {
                TimeSpan now = Stopwatch.GetElapsedTime(start);
                if (now < next)
                {
                    await Task.Delay(next - now, cancel).ConfigureAwait(false);
                    continue;
                }
                next += ptime;
                lock (_gate)
                {
                    if (_disposed) return;
                    SendPacket();
                    if (now >= report)
                    {
                        report = now + s_reportEvery;
                        SendReport();
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // the call is over
        }
    }

    private void SendPacket()
    {
        NegotiatedMedia media = _media!;
        uint ticks = (uint)(media.Codec.ClockRate * _options.PtimeMilliseconds / 1000);
        if (media.Direction is MediaDirection.SendRecv or MediaDirection.SendOnly && media.RemoteConnection is { Address: { } address, IsUnspecified: false } && _encoder is { } encoder)
        {
            int length = _pressed.IsActive ? WriteKey(media) : WriteAudio(media, encoder);
            _octetsSent += (uint)(length - RtpPacket.FixedHeaderLength);
            Send(_rtp, new IPEndPoint(address, media.RemotePort), length, rtcp: false);
            _figures = _figures with { Sent = _figures.Sent + 1 };
        }
        _timestamp += ticks;
        _packetTimes++;
    }

    private int WriteAudio(NegotiatedMedia media, IAudioCodec encoder)
    {
        Span<short> samples = stackalloc short[encoder.SampleRate * _options.PtimeMilliseconds / 1000];
        samples.Clear();
        Speak(samples);
        int header = RtpHeader.Write(_packet, (byte)media.Send.PayloadType, _figures.Sent == 0, _sequence++, _timestamp, _ssrc);
        return header + encoder.Encode(samples, _packet.AsSpan(header));
    }

    private int WriteKey(NegotiatedMedia media)
    {
        Span<byte> payload = stackalloc byte[TelephoneEvent.Length];
        int length = _pressed.WriteNext(payload, out bool marker);
        if (marker) _pressTimestamp = _timestamp;       // one timestamp for all packets of a press (RFC 4733 §2.5.1.2)
        int header = RtpHeader.Write(_packet, (byte)media.SendTelephoneEvent!.PayloadType, marker, _sequence++, _pressTimestamp, _ssrc);
        payload[..length].CopyTo(_packet.AsSpan(header));
        return header + length;
    }

    private void SendReport()
    {
        NegotiatedMedia media = _media!;
        if (media.RemoteRtcpConnection is not { Address: { } address, IsUnspecified: false } || media.RemoteRtcpPort == 0) return;
        var writer = new RtcpWriter(_packet);
        TimeSpan since1900 = DateTime.UtcNow - new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        ulong ntp = (ulong)(since1900.TotalSeconds * 4294967296.0);
        _report[0] = _received.NextReport(Milliseconds);
        writer.TryWriteSenderReport(_ssrc, new RtcpSenderInfo(ntp, _timestamp, (uint)_figures.Sent, _octetsSent), _report.AsSpan(0, _received.Ssrc == 0 ? 0 : 1));
        writer.TryWriteCanonicalName(_ssrc, $"{_ssrc:x8}");
        Send(_rtcp, new IPEndPoint(address, media.RemoteRtcpPort), writer.Length, rtcp: true);
    }

    private void Send(Socket socket, IPEndPoint target, int length, bool rtcp)
    {
        if (_protect is { } protect)
        {
            SrtpError error = rtcp ? protect.ProtectRtcp(_packet, length, out length) : protect.ProtectRtp(_packet, length, out length);
            if (error != SrtpError.None) return;
        }
        try
        {
            socket.SendTo(_packet.AsSpan(0, length), target);
        }
        catch (SocketException)
        {
            // an ICMP answer to an earlier packet; the next one may pass
        }
    }

    private async Task ReceiveAsync(Socket socket, Action<byte[], int, IPEndPoint> take)
    {
        byte[] buffer = new byte[LargestDatagram];
        EndPoint any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
                lock (_gate)
                {
                    if (_disposed) return;
                    take(buffer, result.ReceivedBytes, (IPEndPoint)result.RemoteEndPoint);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // an ICMP answer to what we sent
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void ReceiveRtp(byte[] buffer, int length, IPEndPoint source)
    {
        if (_media is not { } media) return;
        if (_unprotect is { } unprotect && unprotect.UnprotectRtp(buffer.AsSpan(0, length), out length) != SrtpError.None)
        {
            _figures = _figures with { Undecryptable = _figures.Undecryptable + 1 };
            return;
        }
        if (RtpPacket.Parse(buffer.AsSpan(0, length), out RtpPacket packet) != RtpParseError.None) return;
        int payloadType = packet.PayloadType;
        if (media.Receive.FirstOrDefault(f => f.PayloadType == payloadType) is not { } format)
        {
            _figures = _figures with { Foreign = _figures.Foreign + 1 };
            return;
        }
        if (_received.Ssrc != packet.Ssrc)
        {
            if (_received.Ssrc != 0) _figures = _figures with { SourceChanges = _figures.SourceChanges + 1 };
            _received = new ReceiverStatistics(packet.Ssrc, probation: 0);
        }
        uint arrival = (uint)(Milliseconds * format.Codec.ClockRate / 1000);
        _received.Add(packet.SequenceNumber, packet.Timestamp, arrival);
        _figures = _figures with { Received = _figures.Received + 1, Source = source };

        if (format.Codec.IsTelephoneEvent)
        {
            _keys.Add(packet.Timestamp, packet.Payload, Milliseconds);
            while (_keys.TryTake(Milliseconds, out CompletedEvent key))
            {
                if (key.Digit is { } digit) _digits.Append(digit);
                _ear.Notice();
            }
            return;
        }
        if (_decoder is not { } decoder || format.Codec != media.Codec) return;
        Span<short> samples = stackalloc short[decoder.SamplesOf(packet.Payload)];
        samples = samples[..decoder.Decode(packet.Payload, samples)];
        Collect(samples);
        _ear.Hear(samples);
    }

    private void ReceiveRtcp(byte[] buffer, int length, IPEndPoint source)
    {
        if (_unprotect is { } unprotect && unprotect.UnprotectRtcp(buffer.AsSpan(0, length), out length) != SrtpError.None) return;
        if (RtcpCompound.Parse(buffer.AsSpan(0, length), out _) == RtcpParseError.None)
            _figures = _figures with { Reports = _figures.Reports + 1 };
    }
}
