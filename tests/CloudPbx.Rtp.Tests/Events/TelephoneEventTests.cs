using CloudPbx.Rtp.Events;
using CsCheck;

namespace CloudPbx.Rtp.Tests.Events;

public sealed class TelephoneEventTests
{
    [Fact]
    public void What_was_written_is_read() =>
        Gen.Select(Gen.Byte, Gen.Bool, Gen.Byte[0, 63], Gen.UShort).Sample((code, end, volume, duration) =>
        {
            byte[] payload = new byte[TelephoneEvent.Length];
            var written = new TelephoneEvent(code, end, volume, duration);
            written.Write(payload);
            Assert.True(TelephoneEvent.TryParse(payload, out TelephoneEvent read));
            Assert.Equal(written, read);
        }, iter: 300);

    [Fact]
    public void Digits_and_codes_are_those_of_the_registry()                    // RFC 4733 §3.2
    {
        foreach (char digit in "0123456789*#ABCD")
            Assert.Equal(digit, TelephoneEvent.DigitOf(TelephoneEvent.CodeOf(digit)!.Value));
        Assert.Equal((byte)10, TelephoneEvent.CodeOf('*'));
        Assert.Equal((byte)15, TelephoneEvent.CodeOf('d'));
        Assert.Null(TelephoneEvent.CodeOf('x'));
        Assert.Null(TelephoneEvent.DigitOf(16));
    }

    [Fact]
    public void A_press_is_sent_as_the_rfc_shows()                              // RFC 4733 §2.5.1
    {
        var sender = new TelephoneEventSender(TelephoneEvent.CodeOf('5')!.Value, durationTicks: 480, packetTicks: 160);
        byte[] payload = new byte[4];
        var sent = new List<(bool Marker, bool End, int Duration)>();
        while (sender.WriteNext(payload, out bool marker) > 0)
        {
            Assert.True(TelephoneEvent.TryParse(payload, out TelephoneEvent packet));
            sent.Add((marker, packet.IsEnd, packet.Duration));
        }
        Assert.Equal([(true, false, 160), (false, false, 320), (false, true, 480), (false, true, 480), (false, true, 480)], sent);
        Assert.False(sender.IsActive);
        Assert.False(default(TelephoneEventSender).IsActive);
    }

    [Fact]
    public void One_press_is_one_digit_with_its_duration()
    {
        var reader = new TelephoneEventReader();
        Assert.Equal([('7', 480u)], Press(ref reader, '7', timestamp: 1000, at: 0));
        Assert.Equal([('7', 480u)], Press(ref reader, '7', timestamp: 5000, at: 200));
    }

    [Theory]                                                                    // INTEROP I53
    [InlineData(0b11110)]                                                       // the first packet, with the marker, is lost
    [InlineData(0b00111)]                                                       // all end packets are lost
    [InlineData(0b10000)]                                                       // only the last end packet came
    [InlineData(0b00001)]                                                       // only the first packet came
    public void Lost_packets_still_make_one_digit(int arrived)
    {
        var reader = new TelephoneEventReader();
        List<(char, uint)> digits = Press(ref reader, '3', 1000, 0, arrived);
        Assert.False(reader.TryTake(150, out _));
        if (reader.TryTake(1000, out CompletedEvent late))
            digits.Add((late.Digit!.Value, late.DurationTicks));
        Assert.Equal('3', Assert.Single(digits).Item1);
    }

    [Fact]
    public void Packets_that_come_late_make_no_second_digit()
    {
        var reader = new TelephoneEventReader();
        Press(ref reader, '1', 1000, 0);
        Press(ref reader, '2', 3000, 100);
        Assert.Empty(Press(ref reader, '1', 1000, 200));
        Assert.Empty(Press(ref reader, '2', 3000, 300));
    }

    [Fact]
    public void A_press_right_after_one_without_end_gives_both()
    {
        var reader = new TelephoneEventReader();
        List<(char, uint)> digits = Press(ref reader, '1', 1000, 0, arrived: 0b00011);
        digits.AddRange(Press(ref reader, '2', 3000, 40, arrived: 0b10000));
        Assert.Equal([('1', 320u), ('2', 480u)], digits);
    }

    [Fact]
    public void A_key_held_for_many_seconds_is_one_digit()                      // RFC 4733 §2.5.1.3: segments of 65535 ticks
    {
        var reader = new TelephoneEventReader();
        byte[] payload = new byte[4];
        long now = 0;
        foreach ((uint timestamp, ushort duration, bool end) in new[] { (1000u, (ushort)65_535, false), (66_535u, (ushort)160, false), (66_535u, (ushort)800, true) })
        {
            new TelephoneEvent(5, end, 10, duration).Write(payload);
            reader.Add(timestamp, payload, now += 20);
            if (!end)
                Assert.False(reader.TryTake(now, out _));
        }
        Assert.True(reader.TryTake(now, out CompletedEvent press));
        Assert.Equal(66_335u, press.DurationTicks);
        Assert.False(reader.TryTake(now + 1000, out _));
    }

    [Fact]
    public void Nonsense_is_ignored()
    {
        var reader = new TelephoneEventReader();
        Assert.False(reader.Add(1, [1, 2, 3], 0));
        Assert.False(reader.TryTake(10_000, out _));
    }

    private static List<(char, uint)> Press(ref TelephoneEventReader reader, char digit, uint timestamp, long at, int arrived = 0b11111)
    {
        var digits = new List<(char, uint)>();
        var sender = new TelephoneEventSender(TelephoneEvent.CodeOf(digit)!.Value, 480, 160);
        byte[] payload = new byte[4];
        for (int i = 0; sender.WriteNext(payload, out _) > 0; i++)
        {
            if ((arrived >> i & 1) != 0)
                reader.Add(timestamp, payload, at + (i * 20));
            while (reader.TryTake(at + (i * 20), out CompletedEvent press))
                digits.Add((press.Digit!.Value, press.DurationTicks));
        }
        return digits;
    }
}
