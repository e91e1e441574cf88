namespace CloudPbx.Rtp.Events;

/// <summary>
/// Turns a stream of telephone-event packets into events, one for each key press. An event is known by its timestamp alone: markers, lost
/// or repeated packets and a change of SSRC do not matter (INTEROP I53).
/// </summary>
/// <remarks>Allocation-free mutable value. Not thread-safe. After each <see cref="Add"/>, and now and then, call <see cref="TryTake"/> until it is false.</remarks>
public struct TelephoneEventReader
{
    /// <summary>Without packets for this long an event counts as over: its end packets are lost.</summary>
    public const int SilenceMilliseconds = 240;

    private const int Remembered = 8;           // timestamps of past events, for packets that come late

    private RecentTimestamps _recent;
    private int _recentCount;
    private uint _timestamp;
    private uint _before;                       // ticks of earlier segments of a very long event (RFC 4733 §2.5.1.3)
    private ushort _duration;
    private byte _code;
    private bool _active, _ended;
    private long _lastPacket;
    private CompletedEvent _finished;
    private bool _hasFinished;

    /// <summary>True between an event's first packet and its end.</summary>
    public readonly bool IsActive => _active && !_ended;

    /// <summary>Whether packets of an event have come that began at this timestamp, a moment ago at most.</summary>
    public readonly bool Knows(uint timestamp) => (_active && timestamp == _timestamp) || IsRecent(timestamp);

    /// <summary>Takes one packet.</summary>
    /// <param name="timestamp">The packet's RTP timestamp.</param>
    /// <param name="payload">Its payload; nonsense is ignored.</param>
    /// <param name="milliseconds">Monotonic arrival time.</param>
    /// <returns>True if a new event began with this packet.</returns>
    public bool Add(uint timestamp, ReadOnlySpan<byte> payload, long milliseconds)
    {
        if (!TelephoneEvent.TryParse(payload, out TelephoneEvent packet))
            return false;
        if (_active && timestamp == _timestamp)
        {
            _lastPacket = milliseconds;
            _duration = Math.Max(_duration, packet.Duration);
            _ended |= packet.IsEnd;
            return false;
        }
        if (IsRecent(timestamp))
            return false;
        if (IsActive && packet.Code == _code && unchecked(timestamp - _timestamp) == ushort.MaxValue)
        {
            Remember(_timestamp);
            _before += ushort.MaxValue;
            (_timestamp, _duration, _ended, _lastPacket) = (timestamp, packet.Duration, packet.IsEnd, milliseconds);
            return false;
        }
        if (_active)
            Finish();
        (_active, _ended, _code, _timestamp, _duration, _before, _lastPacket) = (true, packet.IsEnd, packet.Code, timestamp, packet.Duration, 0, milliseconds);
        return true;
    }

    /// <summary>Takes an event that is over, once.</summary>
    /// <param name="milliseconds">Monotonic time now.</param>
    /// <param name="completed">The event.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(long milliseconds, out CompletedEvent completed)
    {
        if (!_hasFinished && _active && (_ended || milliseconds - _lastPacket >= SilenceMilliseconds))
            Finish();
        completed = _finished;
        bool taken = _hasFinished;
        _hasFinished = false;
        return taken;
    }

    private void Finish()
    {
        Remember(_timestamp);
        _finished = new CompletedEvent(_code, _before + _duration);
        _hasFinished = true;
        _active = false;
    }

    private readonly bool IsRecent(uint timestamp)
    {
        ReadOnlySpan<uint> recent = _recent;
        return recent[..Math.Min(_recentCount, Remembered)].Contains(timestamp);
    }

    private void Remember(uint timestamp) => _recent[_recentCount++ % Remembered] = timestamp;

    [System.Runtime.CompilerServices.InlineArray(Remembered)]
    private struct RecentTimestamps
    {
#pragma warning disable IDE0044, IDE0051, CS0169 // The inline array's one element.
        private uint _first;
#pragma warning restore IDE0044, IDE0051, CS0169
    }
}
