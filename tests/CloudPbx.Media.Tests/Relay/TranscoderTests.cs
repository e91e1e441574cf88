using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;
using CloudPbx.Media.Tests.Mixing;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>A transcoder without sockets: what comes out of order is put in order, what is lost is made up (RFC 3550 §6.4.1: order is the receiver's business).</summary>
public sealed class TranscoderTests
{
    private const int Milliseconds = 1000;                  // of speech
    private const double Hertz = 830;                       // no whole number of samples: what is made up is not by chance the same

    public static TheoryData<string, int, string, int> Ways => new()
    {
        { "PCMU", 20, "PCMA", 20 },
        { "PCMU", 20, "PCMA", 30 },
        { "PCMU", 10, "PCMA", 20 },
        { "PCMU", 30, "PCMA", 20 },
        { "G722", 20, "PCMA", 20 },
        { "PCMU", 20, "G722", 20 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Packets_that_changed_places_are_the_very_samples_of_those_in_order(string from, int ptime, string to, int toPtime)
    {
        short[] expected = Run(from, ptime, to, toPtime, Packets);
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => Swap(Packets(count), 7, 8)));         // by one
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => Move(Packets(count), 7, 9)));         // by two: the two after it come first
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => Move(Packets(count), 9, 7)));         // two are late by one
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => Swap(Packets(count), 7, 9)));         // 9 8 7
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => [.. Packets(count)[..8], 7, .. Packets(count)[8..]]));
        Assert.Equal(expected, Run(from, ptime, to, toPtime, count => [.. Packets(count)[..7], 8, 8, 7, 7, 8, .. Packets(count)[9..]]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_is_lost_is_made_up_to_its_length_and_nothing_else_is(string from, int ptime, string to, int toPtime)
    {
        short[] expected = Run(from, ptime, to, toPtime, Packets), heard = Run(from, ptime, to, toPtime, count => [.. Packets(count).Where(number => number != 7)]);
        Assert.Equal(expected.Length, heard.Length);
        int rate = to == "G722" ? 16 : 8, lost = 7 * ptime * rate, after = (8 * ptime) + 60;
        Assert.Equal(expected[..lost], heard[..lost]);
        Assert.NotEqual(expected[lost..(lost + (ptime * rate))], heard[lost..(lost + (ptime * rate))]);
        Assert.InRange(ToneDetector.LevelAt(heard.AsSpan(lost, ptime * rate), rate * 1000, Hertz), -16, -8);
        if (from == "PCMU" && to == "PCMA")
            Assert.Equal(expected[(after * rate)..], heard[(after * rate)..]);          // no filter remembers it; joined within the packet after it
    }

    [Fact]
    public void A_packet_in_order_is_never_held()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        for (int number = 0; number < 50; number++)
            Assert.Equal(160, way.Say(number));
    }

    [Fact]
    public void An_event_or_noise_between_two_packets_is_not_missing()               // RFC 4733 §2.5.1.2: it has numbers of the same sequence
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        Assert.Equal(160, way.Say(0));
        way.Seen.Add(1);
        way.Seen.Add(2);
        Assert.Equal(160, way.Say(3, at: 1));
    }

    [Fact]
    public void The_third_packet_after_one_that_is_missing_says_that_it_is_lost()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        Assert.Equal([160, 0, 0, 4 * 160, 160], [way.Say(0), way.Say(2), way.Say(3), way.Say(4), way.Say(5)]);
        Assert.Equal(0, way.Say(1));                                                 // its place is filled
    }

    [Fact]
    public void Where_a_packet_came_too_late_the_next_ones_are_waited_for_half_as_long_again_and_after_a_minute_no_more()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        Assert.Equal([160, 0, 0, 4 * 160, 0], [way.Say(0), way.Say(2, after: 20), way.Say(3, after: 20), way.Say(4, after: 20), way.Say(1, after: 35)]);     // 75 ms after the one that waited for it
        Assert.Equal([160, 0, 0, 0, 0, 5 * 160], [way.Say(5), way.Say(7), way.Say(8, after: 35), way.Say(9, after: 35), way.Say(10, after: 35), way.Say(6, after: 16)]);
        Assert.Equal(0, way.Say(12));
        way.Now += 121_000;
        Assert.Equal(0, way.Release());
        way.Now += 1000;
        Assert.Equal(2 * 160, way.Release());                                        // what never comes does not hold the others for longer than that
        way.Now += 60_000_000;
        Assert.Equal([160, 0, 0, 4 * 160], [way.Say(13), way.Say(15), way.Say(16), way.Say(17)]);
    }

    [Fact]
    public void A_straggler_teaches_nothing()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        Assert.Equal([160, 0, 0, 4 * 160, 0], [way.Say(0), way.Say(2), way.Say(3), way.Say(4), way.Say(1, after: 160)]);
        Assert.Equal([160, 0, 0, 4 * 160], [way.Say(5), way.Say(7), way.Say(8), way.Say(9)]);
    }

    [Fact]
    public void A_longer_gap_is_made_up_at_once()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        Assert.Equal([160, 5 * 160], [way.Say(0), way.Say(5)]);
    }

    [Fact]
    public void The_last_packet_of_a_talk_does_not_wait_for_ever()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        way.Say(0);
        Assert.Equal(0, way.Say(2));
        way.Now += 59_000;
        Assert.Equal(0, way.Release());
        way.Now += 1000;
        Assert.Equal(2 * 160, way.Release());
    }

    [Fact]
    public void At_the_end_of_a_talk_nothing_waits()                                 // comfort noise comes
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        way.Say(0);
        Assert.Equal(0, way.Say(2));
        way.Transcoder.WaitNoMore();
        Assert.Equal(2 * 160, way.Release());
        Assert.False(way.Transcoder.IsWaiting);
    }

    [Fact]
    public void Another_source_is_heard_at_once_and_what_waits_of_the_former_never()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        way.Say(0);
        way.Say(2);
        way.Ssrc++;
        way.Seen = default;
        Assert.Equal([160, 160], [way.Say(20), way.Say(21)]);
        Assert.False(way.Transcoder.IsWaiting);
    }

    [Fact]
    public void Order_costs_no_allocation_once_it_was_needed()
    {
        var way = new Way("PCMU", 20, "PCMA", 20);
        foreach (int number in (int[])[0, 2, 1])
            way.Say(number);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 3; number < 45; number += 3)
        {
            way.Say(number + 1);
            way.Say(number + 2);
            way.Say(number);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int[] Packets(int count) => [.. Enumerable.Range(0, count)];

    private static int[] Swap(int[] packets, int one, int other)
    {
        (packets[one], packets[other]) = (packets[other], packets[one]);
        return packets;
    }

    private static int[] Move(int[] packets, int from, int to)
    {
        List<int> moved = [.. packets];
        moved.RemoveAt(from);
        moved.Insert(to, packets[from]);
        return [.. moved];
    }

    /// <summary>What is heard of a second of a tone whose packets come in some order.</summary>
    private static short[] Run(string from, int ptime, string to, int toPtime, Func<int, int[]> order)
    {
        var way = new Way(from, ptime, to, toPtime);
        foreach (int number in order(Milliseconds / ptime))
            way.Say(number);
        way.Now += 1_000_000;
        way.Release();
        return [.. way.Heard];
    }

    private sealed class Way
    {
        private readonly AudioFormat _format;
        private readonly IAudioCodec _ears;
        private readonly List<byte[]> _said = [];
        private readonly short[] _decoded = new short[2000];
        private readonly byte[] _frame = new byte[1275];
        private readonly uint _ticks;
        public SeenWindow Seen;

        public Way(string from, int ptime, string to, int toPtime)
        {
            AudioCodec mouth = CodecOf(from), ears = CodecOf(to);
            _format = AudioFormats.Of(mouth);
            _ears = AudioFormats.Create(AudioFormats.Of(ears))!;
            Transcoder = Transcoder.Between(Speaker.MediaOf(mouth, ptime), Speaker.MediaOf(ears, toPtime), null)!;
            var tone = new Speaker(mouth, Hertz, ptime, level: -10);
            for (int i = 0; i < Milliseconds / ptime; i++)
                _said.Add(Speaker.Parse(tone.Next()).Payload.ToArray());
            _ticks = (uint)(8 * ptime);
            Heard.Capacity = 100_000;
        }

        public Transcoder Transcoder { get; }

        public uint Ssrc { get; set; } = 1;

        public long Now { get; set; }

        public List<short> Heard { get; } = [];

        /// <summary>Brings a packet.</summary>
        /// <param name="number">Its number.</param>
        /// <param name="at">Whose place in time it has; null: its own.</param>
        /// <param name="after">How many milliseconds after the one before.</param>
        /// <returns>Samples that came of it.</returns>
        public int Say(int number, int? at = null, int after = 1)
        {
            Now += after * 1000L;
            Seen.Add((uint)number);
            Transcoder.Push(_format, Ssrc, (uint)number, (uint)(at ?? number) * _ticks, _said[number], Seen, Now);
            return Take() + Release();
        }

        public int Release()
        {
            int samples = 0;
            while (Transcoder.TryRelease(Now, out _))
                samples += Take();
            return samples;
        }

        private int Take()
        {
            int samples = 0;
            while (Transcoder.TryTake(_frame, out int length))
            {
                int decoded = _ears.Decode(_frame.AsSpan(0, length), _decoded);
                Heard.AddRange(_decoded.AsSpan(0, decoded));
                samples += decoded;
            }
            return samples;
        }

        private static AudioCodec CodecOf(string name) => name switch { "PCMU" => AudioCodec.Pcmu, "PCMA" => AudioCodec.Pcma, _ => AudioCodec.G722 };
    }
}
