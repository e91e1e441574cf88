using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Tests.Packets;

public sealed class ExtendedSequenceNumberTests
{
    [Fact]
    public void A_new_source_is_on_probation_until_two_come_in_a_row()          // RFC 3550 A.1
    {
        var sequence = new ExtendedSequenceNumber(probation: 2);
        Assert.Equal(SequenceOutcome.Probation, sequence.Add(100));
        Assert.Equal(SequenceOutcome.Probation, sequence.Add(200));
        Assert.Equal(SequenceOutcome.Valid, sequence.Add(201));
        Assert.Equal((1u, 1u, 0), (sequence.Received, sequence.Expected, sequence.Lost));
    }

    [Fact]
    public void The_cycle_rises_when_the_number_wraps()
    {
        var sequence = new ExtendedSequenceNumber(probation: 0);
        foreach (int number in new[] { 65533, 65534, 65535, 0, 2, 1 })
            Assert.Equal(SequenceOutcome.Valid, sequence.Add((ushort)number));
        Assert.Equal(0x1_0002u, sequence.Highest);
        Assert.Equal((6u, 6u, 0), (sequence.Received, sequence.Expected, sequence.Lost));
        Assert.Equal(0xFFFFu, sequence.Extend(65535));
        Assert.Equal(0x1_0005u, sequence.Extend(5));
    }

    [Fact]
    public void Gaps_count_as_lost_and_duplicates_against_it()
    {
        var sequence = new ExtendedSequenceNumber(probation: 0);
        foreach (ushort number in new ushort[] { 10, 11, 15 })
            sequence.Add(number);
        Assert.Equal(3, sequence.Lost);
        for (int i = 0; i < 4; i++)
            sequence.Add(15);
        Assert.Equal(-1, sequence.Lost);
    }

    [Theory]
    [InlineData(12, 10, 13, 15)]                                                // 11 and 14 never come
    [InlineData(1, 65535, 2, 4)]
    public void What_is_lost_counts_from_the_first_that_was_sent_also_where_another_came_first(params int[] numbers)       // RFC 3550 A.3
    {
        var sequence = new ExtendedSequenceNumber(probation: 0);
        foreach (int number in numbers)
            Assert.Equal(SequenceOutcome.Valid, sequence.Add((ushort)number));
        Assert.Equal((4u, 6u, 2), (sequence.Received, sequence.Expected, sequence.Lost));
    }

    [Fact]
    public void A_big_jump_counts_only_when_the_next_packet_follows_it()        // INTEROP I61
    {
        var sequence = new ExtendedSequenceNumber(probation: 0);
        sequence.Add(10);
        Assert.Equal(SequenceOutcome.Jump, sequence.Add(40_000));
        Assert.Equal(SequenceOutcome.Valid, sequence.Add(11));
        Assert.Equal(SequenceOutcome.Jump, sequence.Add(40_100));
        Assert.Equal(SequenceOutcome.Restarted, sequence.Add(40_101));
        Assert.Equal((40_101u, 1u, 0), (sequence.Highest, sequence.Received, sequence.Lost));
    }
}
