using System.Net;
using System.Net.Sockets;
using CloudPbx.Media.Ports;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Ports;

/// <summary>SECURITY.md S36: the last ports are for who calls for help.</summary>
public sealed class PortPoolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(32, 0, 0)]
    [InlineData(32, 1, 1)]
    [InlineData(32, 50, 2)]             // a sixteenth at most
    [InlineData(15, 50, 0)]
    public void The_last_pairs_are_taken_for_help_alone(int range, int forHelp, int kept)
    {
        PortPool pool = new([IPAddress.Loopback], 33000, 33000 + (2 * range) - 1, 0, 7, forHelp);
        List<PortPair> taken = [];
        try
        {
            while (pool.TryTake(AddressFamily.InterNetwork, forHelp: false, out PortPair? pair))
                taken.Add(pair);
            Assert.Equal((range - kept, range - kept), (taken.Count, pool.CountForAll));
            while (pool.TryTake(AddressFamily.InterNetwork, forHelp: true, out PortPair? pair))
                taken.Add(pair);
            Assert.Equal((range, range), (taken.Count, pool.TakenCount));
            for (int freed = 0; freed <= kept; freed++)
            {
                Assert.False(pool.TryTake(AddressFamily.InterNetwork, forHelp: false, out _));          // what is free again is kept back first
                pool.Free(taken[^1]);
                taken.RemoveAt(taken.Count - 1);
            }
            Assert.True(pool.TryTake(AddressFamily.InterNetwork, forHelp: false, out PortPair? last));
            taken.Add(last);
        }
        finally
        {
            taken.ForEach(pool.Free);
        }
    }

    [Fact]
    public void Loops_give_back_what_they_keep_before_others_than_calls_for_help_get_none()
    {
        PortPool pool = new([IPAddress.Loopback], 33100, 33163, 0, 0, forHelp: 2);
        List<PortPair> taken = [];
        bool isScarce = false;
        try
        {
            Assert.True(pool.TryTake(AddressFamily.InterNetwork, forHelp: false, out PortPair? pair));
            taken.Add(pair);
            Assert.True(pool.TryKeep());
            pool.Scarce += () => isScarce = true;
            while (pool.TryTake(AddressFamily.InterNetwork, forHelp: false, out pair))
            {
                taken.Add(pair);
                Assert.Equal(taken.Count > 30 - 4, isScarce);               // an eighth of the range, and those for help besides
            }
            Assert.Equal(30, taken.Count);
            Assert.False(pool.TryKeep());
        }
        finally
        {
            taken.ForEach(pool.Free);
        }
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_node_whose_ports_are_taken_has_some_for_help(Carriage carriage)
    {
        await using TestNode node = await TestNode.StartAsync(carriage, null, null, ("FirstPort", "33200"), ("LastPort", "33263"));
        LegDescription last;
        int legs = 0;
        while ((last = await OfferAsync(TestCall.Policy())).Accepted)
            legs++;
        Assert.Equal((30, LegFaults.NoFreePort), (legs, last.Fault));
        Assert.Equal(30, node.Node.LegCapacity);
        Assert.True((await OfferAsync(TestCall.Policy() with { ForHelp = true })).Accepted);
        Assert.True((await OfferAsync(TestCall.Policy() with { ForHelp = true })).Accepted);
        Assert.Equal(LegFaults.NoFreePort, (await OfferAsync(TestCall.Policy() with { ForHelp = true })).Fault);

        Task<LegDescription> OfferAsync(LegPolicy policy) => node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), policy, null, Cancel);
    }
}
