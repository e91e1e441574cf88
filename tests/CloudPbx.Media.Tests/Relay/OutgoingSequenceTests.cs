using CloudPbx.Media.Relay;
using CsCheck;

namespace CloudPbx.Media.Tests.Relay;

public class OutgoingSequenceTests
{
    private const long Source = 1, Tone = 2;

    [Fact]
    public void Numbers_wrap_without_a_seam()
    {
        var outgoing = new OutgoingSequence(1, 0x7FF0, uint.MaxValue - 100);
        ushort last = 0x7FF0;
        for (uint i = 0; i < 200_000; i++)
        {
            Assert.True(outgoing.TryMap(Source, 9, 65_000 + i, 160 * i, 8000, i * 20_000L, out ushort sequence, out _, out bool first));
            Assert.Equal(i == 0, first);
            Assert.Equal((ushort)(last + 1), sequence);
            last = sequence;
        }
    }

    [Fact]
    public void A_pause_between_two_talks_is_as_long_in_timestamps_as_it_was()
    {
        var outgoing = new OutgoingSequence(1, 0, 0);
        Assert.True(outgoing.TryMap(Source, 9, 1, 1000, 8000, 0, out _, out uint before, out _));
        outgoing.Switch();
        Assert.True(outgoing.TryMap(Source, 9, 700, 99_000, 8000, 3_000_000, out _, out uint after, out bool first));
        Assert.True(first);
        Assert.Equal(24_000u, after - before);
    }

    [Fact]
    public void A_straggler_from_before_the_talk_is_too_late()
    {
        var outgoing = new OutgoingSequence(1, 0, 0);
        Assert.True(outgoing.TryMap(Source, 9, 10, 0, 8000, 0, out _, out _, out _));
        Assert.False(outgoing.TryMap(Source, 9, 9, 0, 8000, 0, out _, out _, out _));
    }

    [Fact]
    public void No_number_is_given_to_two_packets_whatever_comes()
    {
        // A duplicate is kept away by SeenWindow; here every packet of a source is new, in any order, with skips, switches and tones between.
        Gen.Select(Gen.Int[0, 9], Gen.UInt[0, 40], Gen.UInt[0, 2]).Array[1, 200].Sample(steps =>
        {
            var outgoing = new OutgoingSequence(1, 500, 0);
            var given = new HashSet<ushort>();
            var used = new HashSet<(uint, uint)>();
            uint head = 100;
            foreach ((int what, uint back, uint ssrc) in steps)
            {
                head++;
                uint extended = what < 3 ? head - back : head;
                ushort sequence;
                switch (what)
                {
                    case 9:
                        outgoing.Next(Tone, 160, 8000, 0, out sequence, out _, out _);
                        Assert.True(given.Add(sequence));
                        break;
                    case 8:
                        outgoing.Switch();
                        break;
                    case 7 when used.Add((ssrc, extended)):
                        outgoing.Skip(Source, ssrc, extended);
                        break;
                    default:
                        if (used.Add((ssrc, extended)) && outgoing.TryMap(Source, ssrc, extended, head * 160, 8000, 0, out sequence, out _, out _))
                            Assert.True(given.Add(sequence));
                        break;
                }
            }
        }, iter: 2000, seed: "0000000000003");
    }

    [Fact]
    public void The_window_knows_what_it_saw()
    {
        SeenWindow window = default;
        Assert.True(window.Add(100));
        Assert.False(window.Add(100));
        Assert.True(window.Add(102));
        Assert.True(window.Add(101));
        Assert.False(window.Add(101));
        Assert.False(window.Add(102 - 64)); // too old to tell
        Assert.True(window.Add(uint.MaxValue / 4));
    }
}
