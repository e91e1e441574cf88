using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudPbx.Media.Recording;

/// <summary>
/// Packets on their way from one loop to the recorder: a ring that the loop writes and the recorder's thread reads, without locks. A loop never waits: where the
/// recorder is too slow (a disk that hangs) packets are counted as dropped, and their recordings are partial.
/// </summary>
/// <remarks>
/// One writer, one reader. Its memory is native: so much at once on the managed heap makes the collector stop the whole process, in the middle of the calls that go on while the
/// first recording begins.
/// </remarks>
internal sealed unsafe class RecordingFeed
{
    /// <summary>The slot of an entry that only fills the ring's end.</summary>
    public const int Skip = -1;

    private const int Length = 8 * 1024 * 1024; // a second of 500 recorded calls
    private const int Alignment = 8;

    private static readonly int s_head = (Unsafe.SizeOf<TappedPacket>() + Alignment - 1) / Alignment * Alignment;

    private readonly byte* _ring = (byte*)NativeMemory.Alloc(Length);
    private long _written, _read;
    private long _dropped;

    /// <summary>Gives the ring back when neither loop nor recorder holds it any more.</summary>
    ~RecordingFeed() => NativeMemory.Free(_ring);

    /// <summary>Packets that found no room.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Writes a packet. On the loop.</summary>
    /// <returns>False when there was no room.</returns>
    public bool TryWrite(in TappedPacket packet, ReadOnlySpan<byte> payload)
    {
        int length = (s_head + payload.Length + Alignment - 1) / Alignment * Alignment;
        long written = _written;
        int at = (int)(written % Length), end = Length - at;
        int skipped = end < length ? end : 0;
        if (written + skipped + length - Volatile.Read(ref _read) > Length)
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return false;
        }
        if (skipped > 0)
        {
            if (skipped >= s_head)
                Write(at, new TappedPacket { EntryLength = skipped, Slot = Skip });
            at = 0;
        }
        Write(at, packet with { EntryLength = length });
        payload.CopyTo(Place(at + s_head, payload.Length));
        Volatile.Write(ref _written, written + skipped + length);
        return true;
    }

    /// <summary>Takes the next packet. On the recorder's thread; the payload is valid until the next call.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRead(out TappedPacket packet, out ReadOnlySpan<byte> payload)
    {
        Volatile.Write(ref _read, _read + _pending); // the one before has been used
        _pending = 0;
        payload = default;
        packet = default;
        while (true)
        {
            if (_read == Volatile.Read(ref _written))
                return false;
            int at = (int)(_read % Length), end = Length - at;
            if (end < s_head)
            {
                Volatile.Write(ref _read, _read + end);
                continue;
            }
            packet = MemoryMarshal.Read<TappedPacket>(Place(at, s_head));
            if (packet.Slot == Skip)
            {
                Volatile.Write(ref _read, _read + packet.EntryLength);
                continue;
            }
            payload = Place(at + s_head, packet.PayloadLength);
            _pending = packet.EntryLength;
            return true;
        }
    }

    private int _pending;

    private void Write(int at, in TappedPacket packet) => MemoryMarshal.Write(Place(at, s_head), packet);

    private Span<byte> Place(int at, int length) => new(_ring + at, length);
}
