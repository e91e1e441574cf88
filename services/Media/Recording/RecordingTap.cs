using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>What a leg's packets are copied to while it is recorded. Immutable; a stream's tap is replaced whole.</summary>
internal sealed class RecordingTap(RecordingFeed feed, int slot, byte side)
{
    /// <summary>Copies a packet for the recorder. On the loop.</summary>
    public void Take(AudioFormat format, uint ssrc, uint extended, uint timestamp, ReadOnlySpan<byte> payload, long now) => feed.TryWrite(
        new TappedPacket
        {
            Slot = slot,
            Side = side,
            Format = format,
            Ssrc = ssrc,
            Extended = extended,
            Timestamp = timestamp,
            Arrival = now,
            PayloadLength = (ushort)payload.Length,
        },
        payload);

    /// <summary>Says that what follows does not continue what was. On the loop.</summary>
    public void Break(long now) => feed.TryWrite(new TappedPacket { Slot = slot, Side = side, Arrival = now, IsBreak = true }, []);
}
