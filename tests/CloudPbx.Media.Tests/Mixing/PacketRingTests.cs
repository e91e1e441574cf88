using CloudPbx.Media.Mixing;

namespace CloudPbx.Media.Tests.Mixing;

public sealed class PacketRingTests
{
    [Fact]
    public void What_is_written_is_read_in_order_whatever_the_lengths_and_the_pace()
    {
        var ring = new PacketRing(1000);
        var random = new Random(11);
        Queue<(long Stamp, int Length)> under = [];
        for (long stamp = 0, taken = 0; taken < 20_000;)
        {
            for (int i = random.Next(4); i > 0; i--)
            {
                int length = random.Next(1, 200);
                if (ring.TryWrite(stamp, Enumerable.Repeat((byte)stamp, length).ToArray()))
                    under.Enqueue((stamp, length));
                else
                    Assert.NotEmpty(under);                                 // an empty one has room
                stamp++;
            }
            for (int i = random.Next(5); i > 0 && ring.TryRead(out long read, out Span<byte> octets); i--, taken++)
            {
                (long expected, int length) = under.Dequeue();
                Assert.Equal((expected, length), (read, octets.Length));
                Assert.Equal(-1, octets.IndexOfAnyExcept((byte)expected));
            }
        }
    }

    [Fact]
    public void A_ring_that_begins_anew_has_room_for_a_stall_of_the_reader()
    {
        var ring = new PacketRing(16 * 1024);
        byte[] packet = new byte[172];
        for (long stamp = 0; stamp < 1000; stamp++)
        {
            for (int i = stamp % 7 == 0 ? 10 : 1; i > 0; i--)
                Assert.True(ring.TryWrite(stamp, packet));
            while (ring.TryRead(out long read, out Span<byte> octets))
                Assert.Equal((stamp, packet.Length), (read, octets.Length));
        }
    }
}
