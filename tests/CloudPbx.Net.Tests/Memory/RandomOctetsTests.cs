using CloudPbx.Net.Memory;

namespace CloudPbx.Net.Tests.Memory;

public class RandomOctetsTests
{
    [Theory]
    [InlineData(6)]
    [InlineData(15)]
    [InlineData(512)]
    [InlineData(513)]
    public void No_octets_come_twice_and_none_are_left_as_they_were(int length)
    {
        HashSet<string> seen = [];
        bool[] changed = new bool[length];
        for (int i = 0; i < 400; i++)
        {
            byte[] octets = new byte[length];
            RandomOctets.Fill(octets);
            Assert.True(seen.Add(Convert.ToHexString(octets)));
            for (int place = 0; place < length; place++)
                changed[place] |= octets[place] != 0;
        }
        Assert.DoesNotContain(false, changed);
    }

    [Fact]
    public void Two_threads_get_different_ones()
    {
        byte[] one = new byte[16], other = new byte[16];
        RandomOctets.Fill(one);
        Thread thread = new(() => RandomOctets.Fill(other));
        thread.Start();
        thread.Join();
        Assert.NotEqual(one, other);
    }
}
