using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CloudPbx.Net.Memory;

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

    private const int Length = 8 * 1024 * 1024; // four fifths of a second of 500 recorded calls
    private const int Alignment = 8;
    private const int PlaceBits = 24;           // of a key: the entry's distance from the first one, in alignments
    private const int FetchedOctets = 256;      // head and 20 ms of G.711

    private static readonly int s_head = (Unsafe.SizeOf<TappedPacket>() + Alignment - 1) / Alignment * Alignment;

    private readonly byte* _ring = (byte*)NativeMemory.Alloc(Length);
    private long _written, _read, _gathered;
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
        CacheLines.Fetch(_ring + at + length, FetchedOctets);          // where the next packet goes has not been touched for a second
        Volatile.Write(ref _written, written + skipped + length);
        return true;
    }

    /// <summary>Looks at the packets that have come. On the recorder's thread.</summary>
    /// <param name="room">Where a key of each is put: sorted, keys are in the order of recordings, and each one's in the order of their coming.</param>
    /// <returns>How many there are, which are valid until <see cref="Release"/>; 0 when none has come.</returns>
    public int Gather(Span<long> room)
    {
        long at = _read, written = Volatile.Read(ref _written);
        int count = 0;
        while (at != written && count < room.Length)
        {
            int place = (int)(at % Length), end = Length - place;
            if (end < s_head)
            {
                at += end;
                continue;
            }
            ref readonly TappedPacket packet = ref At(place);
            if (packet.Slot != Skip)
                room[count++] = ((long)packet.Slot << PlaceBits) | ((at - _read) / Alignment);
            at += packet.EntryLength;
        }
        _gathered = at;
        return count;
    }

    /// <summary>The recording of a gathered packet: its place in the recorder's table.</summary>
    public static int SlotOf(long key) => (int)(key >> PlaceBits);

    /// <summary>Has a gathered packet fetched from memory: it is read soon.</summary>
    public void Fetch(long key) => CacheLines.Fetch(_ring + PlaceOf(key), FetchedOctets);

    /// <summary>A gathered packet, where it lies.</summary>
    /// <param name="key">Of <see cref="Gather"/>.</param>
    /// <param name="payload">Its payload.</param>
    public ref readonly TappedPacket Read(long key, out ReadOnlySpan<byte> payload)
    {
        int place = PlaceOf(key);
        ref readonly TappedPacket packet = ref At(place);
        payload = Place(place + s_head, packet.PayloadLength);
        return ref packet;
    }

    /// <summary>What was gathered has been used: the loop may write there again.</summary>
    public void Release() => Volatile.Write(ref _read, _gathered);

    private int PlaceOf(long key) => (int)((_read + ((key & ((1L << PlaceBits) - 1)) * Alignment)) % Length);

    private ref readonly TappedPacket At(int place) => ref Unsafe.AsRef<TappedPacket>(_ring + place);

    private void Write(int at, in TappedPacket packet) => MemoryMarshal.Write(Place(at, s_head), packet);

    private Span<byte> Place(int at, int length) => new(_ring + at, length);
}
