using System.Net;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

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
    public void It_is_none_that_the_kernel_gives_to_an_outgoing_connection_before_its_listener_is_there()
    {
        Assert.InRange(FreeTcpPort.At(IPAddress.Loopback), 1024, 32_767);
        Assert.InRange(FreeTcpPort.OtherThan([0, 5060]), 1024, 32_767);
    }
}
