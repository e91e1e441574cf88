namespace CloudPbx.AllInOne.Tests;

/// <summary>What is told its port early gets none that another part of us will take later.</summary>
public sealed class FreeTcpPortTests
{
    [Fact]
    public void A_port_that_another_part_will_take_is_passed_over()
    {
        var offered = new Queue<int>([40623, 40624, 40625]);
        Assert.Equal(40625, FreeTcpPort.OtherThan([40623, 40624], offered.Dequeue));
    }

    [Fact]
    public void The_kernel_names_a_port() => Assert.InRange(FreeTcpPort.OtherThan([0, 5060]), 1, ushort.MaxValue);
}
