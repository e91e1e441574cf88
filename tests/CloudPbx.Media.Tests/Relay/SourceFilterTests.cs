using System.Net;
using CloudPbx.Media.Relay;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>SECURITY.md S14 as a pure state machine.</summary>
public class SourceFilterTests
{
    private static readonly UdpAddress s_described = At("192.0.2.10", 4000);
    private static readonly UdpAddress s_sameHost = At("192.0.2.10", 4010);
    private static readonly UdpAddress s_signalling = At("198.51.100.1", 0);
    private static readonly UdpAddress s_behindNat = At("198.51.100.1", 61000);
    private static readonly UdpAddress s_neighbour = At("198.51.100.66", 5000);
    private static readonly UdpAddress s_stranger = At("203.0.113.66", 5000);

    private static readonly SourceRules s_direct = new(s_described, s_signalling, Learn: false, Strict: false);
    private static readonly SourceRules s_nat = new(s_described, s_signalling, Learn: true, Strict: false);

    [Fact]
    public void The_described_address_locks_at_its_first_packet()
    {
        SourceFilter filter = Begin(s_direct);
        Assert.True(filter.Accept(s_described, 1, 100, false, 0));
        Assert.Equal(s_described, filter.Locked);
        Assert.False(filter.Accept(s_sameHost, 1, 101, false, 0));
        Assert.False(filter.MayCome(s_sameHost, false, 0));
    }

    [Fact]
    public void Another_port_of_the_described_host_locks_after_a_run()
    {
        SourceFilter filter = Begin(s_direct);
        for (ushort i = 0; i < SourceFilter.LikelyRun - 1; i++)
            Assert.True(filter.Accept(s_sameHost, 1, i, false, 0));
        Assert.True(filter.Locked.IsNone);
        Assert.True(filter.Accept(s_sameHost, 1, 3, false, 0));
        Assert.Equal(s_sameHost, filter.Locked);
    }

    [Fact]
    public void Who_shares_the_phones_host_and_was_first_does_not_lock_the_described_address_out()
    {
        foreach (SourceRules rules in (SourceRules[])[s_direct, s_nat])
        {
            SourceFilter filter = Begin(rules);
            for (ushort i = 0; i < 100; i++)
                filter.Accept(s_sameHost, 1, i, false, i);
            Assert.Equal(s_sameHost, filter.Locked);
            Assert.True(filter.MayCome(s_described, false, 200));
            Assert.True(filter.Accept(s_described, 2, 500, false, 200));
            Assert.Equal(s_described, filter.Locked);
            Assert.False(filter.Accept(s_sameHost, 1, 101, false, 201));
        }
    }

    [Fact]
    public void A_run_must_be_one_source_with_rising_numbers()
    {
        SourceFilter filter = Begin(s_direct);
        for (ushort i = 0; i < 20; i++)
            filter.Accept(s_sameHost, 1, (ushort)(i * 1000), false, 0);
        Assert.True(filter.Locked.IsNone);
        for (ushort i = 0; i < 20; i++)
            filter.Accept(s_sameHost, i, i, false, 0);
        Assert.True(filter.Locked.IsNone);
    }

    [Fact]
    public void A_stranger_is_never_heard()
    {
        foreach (SourceRules rules in (SourceRules[])[s_direct, s_nat])
        {
            SourceFilter filter = Begin(rules);
            for (ushort i = 0; i < 1000; i++)
                Assert.False(filter.Accept(s_stranger, 1, i, false, i));
            Assert.True(filter.Locked.IsNone);
        }
        SourceFilter direct = Begin(s_direct);
        for (ushort i = 0; i < 1000; i++)
            Assert.False(direct.Accept(s_neighbour, 1, i, false, i));
    }

    [Fact]
    public void Behind_a_NAT_the_signalling_host_takes_the_place_of_a_neighbour_who_was_first()
    {
        SourceFilter filter = Begin(s_nat);
        for (ushort i = 0; i < SourceFilter.UnlikelyRun - 1; i++)
            Assert.False(filter.Accept(s_neighbour, 1, i, false, 0));
        for (ushort i = 0; i < SourceFilter.LikelyRun; i++)
            Assert.True(filter.Accept(s_behindNat, 2, i, false, 0));
        Assert.Equal(s_behindNat, filter.Locked);
        Assert.False(filter.Accept(s_neighbour, 1, 30, false, 0));
    }

    [Fact]
    public void A_neighbour_cannot_interrupt_the_run_of_a_likelier_source()
    {
        SourceFilter filter = Begin(s_nat);
        for (ushort i = 0; i < SourceFilter.LikelyRun; i++)
        {
            Assert.True(filter.Accept(s_behindNat, 2, i, false, 0));
            Assert.False(filter.Accept(s_neighbour, 1, i, false, 0));
        }
        Assert.Equal(s_behindNat, filter.Locked);
    }

    [Fact]
    public void Behind_a_NAT_a_neighbour_is_heard_only_after_a_long_run()
    {
        SourceFilter filter = Begin(s_nat);
        int silent = 0;
        ushort sequence = 0;
        while (!filter.Accept(s_neighbour, 1, sequence++, false, 0))
            silent++;
        Assert.Equal(SourceFilter.UnlikelyRun - 1, silent);
    }

    [Fact]
    public void A_right_tag_speaks_for_any_host_unless_learning_is_off()
    {
        SourceFilter filter = Begin(s_direct);
        for (ushort i = 0; i < SourceFilter.LikelyRun; i++)
            Assert.True(filter.Accept(s_stranger, 1, i, true, 0));
        Assert.Equal(s_stranger, filter.Locked);

        SourceFilter strict = Begin(s_direct with { Strict = true });
        Assert.False(strict.Accept(s_stranger, 1, 1, true, 0));
        Assert.False(strict.MayCome(s_stranger, true, 0));
    }

    [Fact]
    public void A_new_offer_with_the_same_address_keeps_the_lock_while_its_holder_sends()
    {
        SourceFilter filter = Begin(s_nat);
        Run(ref filter, s_behindNat, 0);
        filter.Apply(s_nat);
        Assert.Equal(s_behindNat, filter.Locked);
        Assert.True(filter.Accept(s_behindNat, 1, 10, false, 1000));
        Assert.False(filter.Accept(s_sameHost, 2, 1, false, 2000)); // the holder was heard just now
        Run(ref filter, s_behindNat, 3000);                          // and proves itself: the window closes
        Assert.False(filter.Accept(s_sameHost, 2, 2, false, 9_000_000));
    }

    [Fact]
    public void After_a_new_offer_a_silent_holder_gives_its_place_away()
    {
        SourceFilter filter = Begin(s_nat);
        Run(ref filter, s_behindNat, 0);
        filter.Apply(s_nat);
        Run(ref filter, At("198.51.100.1", 62000), 2_000_000);
        Assert.Equal(At("198.51.100.1", 62000), filter.Locked);
    }

    [Fact]
    public void A_new_described_address_unlocks()
    {
        SourceFilter filter = Begin(s_direct);
        Run(ref filter, s_described, 0);
        filter.Apply(s_direct with { Described = s_sameHost });
        Assert.True(filter.Locked.IsNone);
        Assert.True(filter.Accept(s_sameHost, 1, 1, false, 0));
        Assert.False(filter.Accept(s_described, 1, 2, false, 0));
    }

    private static void Run(ref SourceFilter filter, UdpAddress from, long now)
    {
        for (ushort i = 0; i < SourceFilter.LikelyRun; i++)
            filter.Accept(from, 7, i, false, now);
    }

    private static SourceFilter Begin(SourceRules rules)
    {
        SourceFilter filter = default;
        filter.Apply(rules);
        return filter;
    }

    private static UdpAddress At(string address, int port) => new(IPAddress.Parse(address), port);
}
