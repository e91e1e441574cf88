using CloudPbx.Rtp.Events;

namespace CloudPbx.Media.Playback;

/// <summary>Digits as telephone events (RFC 4733), one after the other.</summary>
/// <param name="digits">What is pressed; other characters are skipped.</param>
/// <param name="payloadType">The peer's number of telephone-event.</param>
/// <param name="clockRate">The event's.</param>
internal sealed class EventPlaying(string digits, byte payloadType, int clockRate) : Playing
{
    private const int PacketMilliseconds = 20;              // RFC 4733 §2.5.1.2 wants 50; every phone sends 20
    private const int PressMilliseconds = 120, PauseMilliseconds = 80;
    private const int PausePackets = PauseMilliseconds / PacketMilliseconds;

    private readonly int _step = clockRate * PacketMilliseconds / 1000;
    private TelephoneEventSender _press;
    private int _at = -1, _pause;
    private uint _since;                                    // ticks since the timestamp of the press before

    public override int FrameMicroseconds => PacketMilliseconds * 1000;

    public override bool TryNext(Span<byte> payload, out PlaybackFrame frame)
    {
        frame = default;
        if (_at >= 0 && _press.IsActive)
        {
            frame = Packet(payload, 0);
            return true;
        }
        _since += (uint)_step;
        if (_at >= 0 && _pause++ < PausePackets)
            return true;
        do
            _at++;
        while (_at < digits.Length && TelephoneEvent.CodeOf(digits[_at]) is null);
        if (_at >= digits.Length)
            return false;
        _press = new TelephoneEventSender(TelephoneEvent.CodeOf(digits[_at])!.Value, clockRate * PressMilliseconds / 1000, _step);
        frame = Packet(payload, _since);
        (_pause, _since) = (0, 0);
        return true;
    }

    // All packets of a press have the timestamp of its beginning (RFC 4733 §2.5.1.1).
    private PlaybackFrame Packet(Span<byte> payload, uint ticks)
    {
        _since += (uint)_step;
        int length = _press.WriteNext(payload, out bool marker);
        return new PlaybackFrame(length, payloadType, ticks, clockRate, marker);
    }
}
