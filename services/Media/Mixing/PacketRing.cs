using System.Runtime.InteropServices;
using CloudPbx.Net.Memory;

namespace CloudPbx.Media.Mixing;

/// <summary>Octets on their way between one loop and the mixing thread, without locks: a ring with one writer and one reader. Who is full drops.</summary>
/// <remarks>Allocates at the start only. An empty ring begins anew at its start, so that in steady talk few cache lines are touched; until the reader has followed, there is room up to where it was.</remarks>
internal sealed class PacketRing(int length)
{
    private const int Alignment = 8, Head = 16;
    private const int Skip = -1;
    private const int UsualEntry = 192;                     // 20 ms of G.711
    private const int Restart = 2048;                       // ten packets of 20 ms G.711

    private readonly byte[] _ring = new byte[(length + Alignment - 1) / Alignment * Alignment];
    private long _written, _read;
    private int _pending;

    /// <summary>Writes an entry. The writer's.</summary>
    /// <param name="stamp">Any number that belongs to it.</param>
    /// <param name="octets">Its octets.</param>
    /// <returns>False when there was no room.</returns>
    public bool TryWrite(long stamp, ReadOnlySpan<byte> octets)
    {
        int size = Head + ((octets.Length + Alignment - 1) / Alignment * Alignment);
        long written = _written, read = Volatile.Read(ref _read);
        int at = (int)(written % _ring.Length), end = _ring.Length - at;
        int skipped = end < size || (read == written && at >= Restart) ? end : 0;
        if (written + skipped + size - read > _ring.Length)
            return false;
        if (skipped > 0)
        {
            MemoryMarshal.Write(_ring.AsSpan(at), Skip);
            at = 0;
        }
        MemoryMarshal.Write(_ring.AsSpan(at), octets.Length);
        MemoryMarshal.Write(_ring.AsSpan(at + 8), stamp);
        octets.CopyTo(_ring.AsSpan(at + Head));
        Volatile.Write(ref _written, written + skipped + size);
        return true;
    }

    /// <summary>Asks the processor for the next entry, one of 20 ms. The reader's.</summary>
    public void ApproachingReader() => Approaching(_read + _pending);

    /// <summary>Asks the processor for where the next entry, one of 20 ms, goes. The writer's.</summary>
    public void ApproachingWriter() => Approaching(_written);

    /// <summary>Takes the next entry. The reader's; the octets are valid until the next call.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRead(out long stamp, out Span<byte> octets)
    {
        stamp = 0;
        octets = default;
        if (_pending > 0)
            Volatile.Write(ref _read, _read + _pending);
        _pending = 0;
        if (_read == Volatile.Read(ref _written))
            return false;
        int at = (int)(_read % _ring.Length);
        int length = MemoryMarshal.Read<int>(_ring.AsSpan(at));
        if (length == Skip)
        {
            Volatile.Write(ref _read, _read + _ring.Length - at);
            at = 0;
            length = MemoryMarshal.Read<int>(_ring);
        }
        stamp = MemoryMarshal.Read<long>(_ring.AsSpan(at + 8));
        octets = _ring.AsSpan(at + Head, length);
        _pending = Head + ((length + Alignment - 1) / Alignment * Alignment);
        return true;
    }

    private void Approaching(long place) => CacheLines.Fetch(ref _ring[(int)(place % _ring.Length)], UsualEntry);
}
