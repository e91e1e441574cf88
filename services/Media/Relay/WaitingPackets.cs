using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Relay;

/// <summary>A packet that came before one that precedes it.</summary>
/// <param name="Format">Its codec.</param>
/// <param name="Extended">Its extended sequence number.</param>
/// <param name="Timestamp">Its timestamp.</param>
/// <param name="Arrival">When it came, in microseconds.</param>
internal readonly record struct WaitingPacket(AudioFormat Format, uint Extended, uint Timestamp, long Arrival)
{
    /// <summary>Where its payload is kept, and how long that is.</summary>
    public int Place { get; init; }

    public int Length { get; init; }
}

/// <summary>A few packets of one source that wait for an earlier one, in the order of their numbers.</summary>
/// <param name="room">How many there is room for.</param>
internal sealed class WaitingPackets(int room)
{
    /// <summary>The most that there may be room for: a bad network's.</summary>
    public const int Most = 8;

    private const int Longest = PacketLoop.MaxDatagram;

    private readonly WaitingPacket[] _packets = new WaitingPacket[room];
    private readonly byte[] _payloads = new byte[room * Longest];
    private int _places;                            // a bit for each that is taken

    /// <summary>How many there is room for.</summary>
    public int Room => room;

    public int Count { get; private set; }

    /// <summary>The one with the lowest number; where there is one.</summary>
    public ref readonly WaitingPacket First => ref _packets[0];

    /// <summary>The payload of <see cref="First"/>.</summary>
    public ReadOnlySpan<byte> Payload => _payloads.AsSpan(First.Place * Longest, First.Length);

    /// <summary>Keeps a packet.</summary>
    /// <returns>False when it waits already, or there is no room.</returns>
    public bool TryAdd(in WaitingPacket packet, ReadOnlySpan<byte> payload)
    {
        int at = 0;
        while (at < Count && unchecked((int)(_packets[at].Extended - packet.Extended)) < 0)
            at++;
        if (Count == room || payload.Length > Longest || (at < Count && _packets[at].Extended == packet.Extended))
            return false;
        int place = int.TrailingZeroCount(~_places);
        _places |= 1 << place;
        payload.CopyTo(_payloads.AsSpan(place * Longest));
        _packets.AsSpan(at, Count - at).CopyTo(_packets.AsSpan(at + 1));
        _packets[at] = packet with { Place = place, Length = payload.Length };
        Count++;
        return true;
    }

    /// <summary>The first one waits no more.</summary>
    public void RemoveFirst()
    {
        _places &= ~(1 << First.Place);
        Count--;
        _packets.AsSpan(1, Count).CopyTo(_packets);
    }

    /// <summary>None waits any more.</summary>
    public void Clear() => (Count, _places) = (0, 0);
}
