using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Tests.Jitter;

public sealed class JitterBufferTests
{
    private readonly byte[] _packet = new byte[RtpPacket.FixedHeaderLength + 480];
    private readonly byte[] _payload = new byte[1500];

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    public void Every_packet_comes_out_once_in_order_whatever_the_packet_time(int ptime)        // INTEROP I50
    {
        var buffer = new JitterBuffer(8000);
        var heard = new List<uint>();
        for (int now = 0; now < 6000; now += 10)
        {
            if (now % ptime == 0 && now < 5400)
                Assert.True(Add(buffer, (ushort)(65_500 + (now / ptime)), (uint)(now * 8), now));
            Drain(buffer, now, heard);
        }
        Assert.Equal(Enumerable.Range(0, 5400 / ptime).Select(i => (uint)(i * ptime * 8)), heard);
        Assert.Equal((0, 0), (buffer.Lost, buffer.Dropped));
    }

    [Fact]
    public void Packets_out_of_order_are_put_in_order()
    {
        var buffer = new JitterBuffer(8000);
        var heard = new List<uint>();
        int[] order = [0, 2, 1, 3, 5, 4, 6, 7];
        for (int i = 0; i < order.Length; i++)
        {
            Add(buffer, (ushort)order[i], (uint)order[i] * 160, i * 20);
            Drain(buffer, i * 20, heard);
        }
        Drain(buffer, 1000, heard);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => (uint)i * 160), heard);
    }

    [Fact]
    public void A_missing_packet_is_reported_with_the_next_one()
    {
        var buffer = new JitterBuffer(8000, 40, 40);
        for (int i = 0; i < 10; i++)
        {
            if (i is not (5 or 6))
                Add(buffer, (ushort)i, (uint)i * 160, i * 20);
        }
        for (int i = 0; i < 10; i++)
        {
            if (i is 5 or 6)
                Assert.False(buffer.TryRead((i * 20) + 40, _payload, out _));
            else
                Assert.True(buffer.TryRead((i * 20) + 40, _payload, out JitterFrame frame) && frame.LostPackets == (i == 7 ? 2 : 0));
        }
        Assert.Equal(2, buffer.Lost);
    }

    [Fact]
    public void A_packet_waits_for_its_delay_and_a_late_one_is_dropped()
    {
        var buffer = new JitterBuffer(8000, 40, 40);
        Add(buffer, 0, 0, 100);
        Add(buffer, 2, 320, 140);
        Assert.False(buffer.TryRead(139, _payload, out _));
        Assert.True(buffer.TryRead(140, _payload, out _));
        Assert.True(buffer.TryRead(180, _payload, out JitterFrame frame) && frame.LostPackets == 1);
        Assert.False(Add(buffer, 1, 160, 190));
        Assert.False(Add(buffer, 2, 320, 190));
        Assert.Equal(2, buffer.Dropped);
    }

    [Fact]
    public void Two_packets_with_one_timestamp_do_not_stall_it()                                // INTEROP I51
    {
        var buffer = new JitterBuffer(8000);
        var heard = new List<uint>();
        for (int i = 0; i < 100; i++)
        {
            Add(buffer, (ushort)(2 * i), (uint)i * 160, i * 20);
            Add(buffer, (ushort)((2 * i) + 1), (uint)i * 160, i * 20);
            Drain(buffer, i * 20, heard);
        }
        Drain(buffer, 5000, heard);
        Assert.Equal(200, heard.Count);
    }

    [Theory]                                                                                    // INTEROP I61
    [InlineData(40_000, 1_000_000, 1)]                      // the same source starts anew
    [InlineData(50, 3_000_000, 2)]                          // another source
    public void A_restart_is_heard_at_once(int sequence, uint timestamp, uint ssrc)
    {
        var buffer = new JitterBuffer(8000);
        var heard = new List<uint>();
        for (int i = 0; i < 50; i++)
            Add(buffer, (ushort)i, (uint)i * 160, i * 20);
        Drain(buffer, 2000, heard);
        for (int i = 0; i < 50; i++)
        {
            Add(buffer, (ushort)(sequence + i), timestamp + ((uint)i * 160), 3000 + (i * 20), ssrc);
            Drain(buffer, 3000 + (i * 20), heard);
        }
        Drain(buffer, 4200, heard);
        Assert.Equal(100, heard.Count);
    }

    [Theory]
    [InlineData(350)]                                                                       // a little more than the longest delay
    [InlineData(1900)]
    public void A_way_that_became_longer_than_any_delay_is_followed(int longer)                 // RFC 3550 §6.4.1: transit is relative, and may change
    {
        var buffer = new JitterBuffer(8000, 20, 300);
        var heard = new List<uint>();
        for (int i = 0; i < 100; i++)
            AddAndDrain(i, i * 20);
        for (int i = 100; i < 400; i++)
            AddAndDrain(i, (i * 20) + longer);
        uint timestamp = 400 * 160;
        Assert.True(Add(buffer, 400, timestamp, (400 * 20) + longer));
        Assert.InRange(buffer.PlayoutTime(timestamp), (400 * 20) + longer + 20, (400 * 20) + longer + 30);
        Assert.Equal(0, buffer.Lost);

        void AddAndDrain(int number, int now)
        {
            Assert.True(Add(buffer, (ushort)number, (uint)number * 160, now));
            Drain(buffer, now, heard);
        }
    }

    [Fact]
    public void A_way_that_became_as_long_as_the_longest_delay_is_followed_for_all_its_jitter()
    {
        var buffer = new JitterBuffer(8000, 20, 300);
        var heard = new List<uint>();
        for (int i = 0; i < 200; i++)
        {
            int now = i < 100 ? i * 20 : (i * 20) + 285 + (i * 37 % 60);        // one of four makes the longest delay
            Add(buffer, (ushort)i, (uint)i * 160, now);
            Drain(buffer, now, heard);
        }
        Assert.True(buffer.PlayoutTime(200 * 160) >= (200 * 20) + 285 + 45);
    }

    [Fact]
    public void A_few_packets_of_a_pause_tell_of_no_longer_way()                                // INTEROP I58: noise comes seldom
    {
        var buffer = new JitterBuffer(8000, 20, 300);
        var heard = new List<uint>();
        for (int i = 0; i < 1000; i++)
            AddAndDrain(i, i * 20, 0);
        for (int i = 0; i < 3; i++)
            AddAndDrain(1000 + i, 20_000 + (i * 400), 310 + (i * 10));
        AddAndDrain(1003, 21_200, 0);
        Assert.Equal(20, buffer.DelayMilliseconds);

        void AddAndDrain(int number, int spoken, int late)
        {
            Assert.True(Add(buffer, (ushort)number, (uint)spoken * 8, spoken + late));
            Drain(buffer, spoken + late, heard);
        }
    }

    [Fact]
    public void A_stall_is_no_longer_way()
    {
        var buffer = new JitterBuffer(8000, 20, 300);
        var heard = new List<uint>();
        for (int i = 0; i < 200; i++)
        {
            Add(buffer, (ushort)i, (uint)i * 160, i is >= 100 and < 140 ? 140 * 20 : i * 20);       // 800 ms, then all at once
            Drain(buffer, i * 20, heard);
        }
        Assert.InRange(buffer.PlayoutTime(200 * 160), (200 * 20) + 20, (200 * 20) + 300);
    }

    [Fact]
    public void The_delay_follows_the_jitter_and_its_limits()
    {
        var buffer = new JitterBuffer(8000, 20, 120);
        var random = new Random(2);
        var heard = new List<uint>();
        Assert.Equal(20, buffer.DelayMilliseconds);
        for (int i = 0; i < 500; i++)
        {
            Add(buffer, (ushort)i, (uint)i * 160, (i * 20) + random.Next(60));
            Drain(buffer, i * 20, heard);
        }
        Assert.InRange(buffer.DelayMilliseconds, 40, 120);
        Assert.True(buffer.Dropped < 25, $"{buffer.Dropped} of 500 came too late");
    }

    [Fact]
    public void The_delay_makes_nearly_all_packets_and_falls_again_when_the_network_calms_down()
    {
        var buffer = new JitterBuffer(8000, 20, 200);
        var random = new Random(3);
        var heard = new List<uint>();
        for (int i = 0; i < 1000; i++)
        {
            Add(buffer, (ushort)i, (uint)i * 160, (i * 20) + random.Next(80));
            Drain(buffer, i * 20, heard);
        }
        Assert.InRange(buffer.TargetMilliseconds, 70, 90);
        Assert.InRange(buffer.DelayMilliseconds, 60, 90);
        Assert.True(buffer.Dropped + buffer.Lost < 60, $"{buffer.Dropped} dropped, {buffer.Lost} lost");
        for (int i = 1000; i < 2000; i++)
        {
            Add(buffer, (ushort)i, (uint)i * 160, i * 20);
            Drain(buffer, i * 20, heard);
        }
        Assert.Equal(20, buffer.DelayMilliseconds);
    }

    [Fact]
    public void A_packet_that_comes_too_late_raises_the_delay_at_once_and_is_still_given_out()
    {
        var buffer = new JitterBuffer(8000, 20, 200);
        var heard = new List<uint>();
        for (int i = 0; i < 20; i++)
        {
            Add(buffer, (ushort)i, (uint)i * 160, i * 20);
            Drain(buffer, i * 20, heard);
        }
        Drain(buffer, 1000, heard);
        Assert.Equal(20, heard.Count);
        Add(buffer, 20, 20 * 160, 400 + 70);                   // due at 420
        Assert.InRange(buffer.DelayMilliseconds, 70, 80);
        Drain(buffer, 480, heard);
        Assert.Equal((21, 0), (heard.Count, buffer.Lost));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    public void A_talk_after_silence_begins_with_the_delay_that_is_needed_now(int ptime)        // RFC 3551 §4.1: a marker after silence
    {
        var buffer = new JitterBuffer(8000, 20, 200);
        var random = new Random(5);
        var heard = new List<uint>();
        int per = 8 * ptime;
        for (int i = 0; i < 400; i++)
        {
            Add(buffer, (ushort)i, (uint)(i * per), (i * ptime) + (i < 300 ? random.Next(60) : 0));
            Drain(buffer, i * ptime, heard);
        }
        int before = buffer.DelayMilliseconds;
        Drain(buffer, (400 * ptime) + 300, heard);
        Add(buffer, 400, (uint)((400 * per) + 16_000), (400 * ptime) + 2000);        // two seconds of silence, no packet lost
        Assert.True(buffer.DelayMilliseconds <= buffer.TargetMilliseconds && buffer.DelayMilliseconds <= before);
        Assert.Equal(0, buffer.Lost);
        Drain(buffer, (400 * ptime) + 2300, heard);
        Assert.Equal(401 - buffer.Dropped, heard.Count);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(-300)]
    public void A_clock_that_runs_off_loses_nothing_in_twenty_minutes(int partsPerMillion)
    {
        var buffer = new JitterBuffer(8000, 40, 200);
        long given = 0;
        for (int i = 0; i < 60_000; i++)
        {
            long arrival = (long)(i * 20L * (1 - (partsPerMillion / 1e6)));
            Add(buffer, (ushort)i, (uint)i * 160, arrival);
            while (buffer.TryRead(arrival, _payload, out _))
                given++;
        }
        Assert.Equal((0, 0), (buffer.Lost, buffer.Dropped));
        Assert.InRange(given, 60_000 - 6, 60_000);
        Assert.InRange(buffer.DelayMilliseconds, 40, 60);
    }

    [Fact]
    public void The_packets_of_a_telephone_event_come_out_once_each_and_make_one_digit()        // RFC 4733 §2.5.1.2 to 2.5.1.4
    {
        var buffer = new JitterBuffer(8000);
        TelephoneEventReader reader = default;
        int digits = 0, packets = 0;
        ushort sequence = 0;
        var press = new TelephoneEventSender(5, 800, 160);
        for (int now = 0; now < 2000; now += 20)
        {
            bool pressing = now >= 400 && press.IsActive;
            if (pressing)
            {
                int length = press.WriteNext(_packet.AsSpan(RtpPacket.FixedHeaderLength), out bool marker);
                RtpHeader.Write(_packet, 101, marker, sequence++, 400 * 8, 1);
                RtpPacket.Parse(_packet.AsSpan(0, RtpPacket.FixedHeaderLength + length), out RtpPacket packet);
                Assert.True(buffer.Add(packet, now));
            }
            else if (now < 1800)
            {
                Add(buffer, sequence++, (uint)now * 8, now);
            }
            while (buffer.TryRead(now, _payload, out JitterFrame frame))
            {
                if (frame.PayloadType == 101)
                {
                    packets++;
                    reader.Add(frame.Timestamp, _payload.AsSpan(0, frame.Length), now);
                }
                if (reader.TryTake(now, out CompletedEvent completed) && completed.Digit == '5')
                    digits++;
            }
        }
        Assert.Equal((1, 7, 0), (digits, packets, buffer.Lost));
    }

    [Fact]
    public void A_flood_keeps_the_newest_and_never_grows()
    {
        var buffer = new JitterBuffer(8000);
        for (int i = 0; i < 900; i++)
            Add(buffer, (ushort)i, (uint)i * 160, 0);
        Assert.Equal(64, buffer.Count);
        Assert.True(buffer.TryRead(100_000, _payload, out JitterFrame frame));
        Assert.Equal((900u - 64) * 160, frame.Timestamp);
    }

    [Fact]
    public void Any_stream_of_numbers_is_survived()
    {
        var random = new Random(9);
        var buffer = new JitterBuffer(8000);
        long now = 0;
        for (int i = 0; i < 100_000; i++)
        {
            now += random.Next(40);
            int near = random.Next(3);
            Add(buffer, (ushort)(near == 0 ? random.Next(65_536) : i), near == 1 ? (uint)random.NextInt64(1L << 32) : (uint)(now * 8), now, (uint)random.Next(100) / 99);
            while (buffer.TryRead(now, _payload, out _))
            {
            }
            Assert.InRange(buffer.Count, 0, 64);
        }
    }

    [Fact]
    public void Adding_and_reading_allocate_nothing()
    {
        var buffer = new JitterBuffer(8000);
        ushort number = 0;
        void Run()
        {
            Add(buffer, number, number * 160u, number * 20);
            number++;
            while (buffer.TryRead(number * 20, _payload, out _))
            {
            }
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private bool Add(JitterBuffer buffer, ushort sequence, uint timestamp, long now, uint ssrc = 1)
    {
        RtpHeader.Write(_packet, 8, false, sequence, timestamp, ssrc);
        return RtpPacket.Parse(_packet, out RtpPacket packet) == RtpParseError.None && buffer.Add(packet, now);
    }

    private void Drain(JitterBuffer buffer, long now, List<uint> heard)
    {
        while (buffer.TryRead(now, _payload, out JitterFrame frame))
            heard.Add(frame.Timestamp);
    }
}
