using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public sealed class DatagramWriterTests : IDisposable
{
    private readonly Socket _sender = Bound(IPAddress.Loopback), _receiver = Bound(IPAddress.Loopback);

    private InternetEndPoint Receiver => InternetEndPoint.From((IPEndPoint)_receiver.LocalEndPoint!);

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    [Fact]
    public void What_is_queued_in_a_batch_leaves_at_its_end_in_its_order()
    {
        using (WriteBatch.Begin())
        {
            Assert.True(DatagramWriter.TryQueue(_sender, "one"u8, Receiver));
            Assert.True(DatagramWriter.TryQueue(_sender, "two"u8, Receiver));
            Assert.Equal(0, _receiver.Available);
        }
        Assert.Equal(["one", "two"], Received(2));
    }

    [Fact]
    public void Outside_a_batch_nothing_is_queued()
    {
        Assert.False(DatagramWriter.TryQueue(_sender, "one"u8, Receiver));
        Assert.Equal(0, _receiver.Available);
    }

    [Fact]
    public void More_than_there_is_room_for_leaves_before_the_end()
    {
        byte[] large = new byte[8000];
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        using (WriteBatch.Begin())
        {
            foreach (string text in texts)
                Assert.True(DatagramWriter.TryQueue(_sender, Encoding.ASCII.GetBytes(text), Receiver));
            for (int i = 0; i < 10; i++)
                Assert.True(DatagramWriter.TryQueue(_sender, large, Receiver));
            Assert.False(DatagramWriter.TryQueue(_sender, new byte[9000], Receiver));     // too long to wait
        }
        Assert.Equal(texts, Received(40));
        Assert.All(Received(10), text => Assert.Equal(large.Length, text.Length));
    }

    [Fact]
    public void Another_sockets_datagrams_do_not_overtake_those_that_wait()
    {
        using Socket other = Bound(IPAddress.Loopback);
        using (WriteBatch.Begin())
        {
            Assert.True(DatagramWriter.TryQueue(_sender, "one"u8, Receiver));
            Assert.True(DatagramWriter.TryQueue(other, "two"u8, Receiver));
            Assert.Equal(["one"], Received(1));
            DatagramWriter.Flush();
            Assert.Equal(["two"], Received(1));
        }
    }

    [Fact]
    public void What_the_system_refuses_is_told_and_keeps_nothing_else_back()
    {
        InternetEndPoint nowhere = new(IPAddress.Broadcast.GetAddressBytes(), 9);                // not without SO_BROADCAST
        List<string> refused = [];
        using (WriteBatch.Begin())
        {
            Assert.True(DatagramWriter.TryQueue(_sender, "one"u8, Receiver, Refused));
            Assert.True(DatagramWriter.TryQueue(_sender, "lost"u8, nowhere, Refused));
            Assert.True(DatagramWriter.TryQueue(_sender, "two"u8, Receiver, Refused));
            Assert.False(DatagramWriter.TryQueue(_sender, "three"u8, InternetEndPoint.From(new IPEndPoint(IPAddress.IPv6Loopback, 9))));
        }
        Assert.Equal(["one", "two"], Received(2));
        Assert.Equal(["lost"], refused);

        void Refused(ReadOnlySpan<byte> datagram)
        {
            refused.Add(Encoding.ASCII.GetString(datagram));
            Assert.False(DatagramWriter.TryQueue(_sender, "meanwhile"u8, Receiver));              // it would be written over what is being sent
        }
    }

    [Fact]
    public void A_socket_that_was_closed_meanwhile_does_no_harm()
    {
        using (WriteBatch.Begin())
        {
            Assert.True(DatagramWriter.TryQueue(_sender, "lost"u8, Receiver));
            _sender.Dispose();
        }
        Assert.Equal(0, _receiver.Available);
    }

    private string[] Received(int count)
    {
        byte[] buffer = new byte[10_000];
        _receiver.ReceiveTimeout = 30_000;
        return [.. Enumerable.Range(0, count).Select(_ => Encoding.ASCII.GetString(buffer, 0, _receiver.Receive(buffer)))];
    }

    private static Socket Bound(IPAddress address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }
}
