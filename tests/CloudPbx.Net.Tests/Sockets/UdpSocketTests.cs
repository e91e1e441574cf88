using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class UdpSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Datagrams_come_and_go_with_their_addresses(string text)
    {
        IPAddress address = IPAddress.Parse(text);
        if (UdpSocket.TryOpen(address, 0, out UdpSocket? a) != SocketError.Success || UdpSocket.TryOpen(address, 0, out UdpSocket? b) != SocketError.Success)
        {
            Assert.Skip("This machine has no such address.");
            return;
        }
        using (a)
        using (b)
        {
            Assert.True(a!.TrySend("hello"u8, b!.Local));
            byte[] buffer = new byte[16];
            Assert.True(SpinWait.SpinUntil(() => b.TryReceive(buffer, out UdpAddress from) == 5 && from == a.Local, 2000));
            Assert.Equal(-1, b.TryReceive(buffer, out _));
            Assert.Equal(address, a.Local.Address);
            Assert.True(a.Local.SameHost(b.Local));
            Assert.False(a.Local == b.Local);
            Assert.Equal(b.Local, a.Local.WithPort(b.Local.Port));
            Assert.Equal(SocketError.AddressAlreadyInUse, UdpSocket.TryOpen(address, a.Local.Port, out _));
        }
    }
}
