using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Sip.Tests.Proxying;

public class InnerLinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_arrive_whole_and_in_order_whoever_sends()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipePair.Create();
        await using var sender = new InnerLink(one);
        await using var receiver = new InnerLink(other);
        var received = Channel.CreateUnbounded<string>();
        Task receiving = receiver.ReceiveAsync((_, octets) => received.Writer.TryWrite(Encoding.ASCII.GetString(octets)), Cancel);
        const int Threads = 4, Messages = 250;
        Parallel.For(0, Threads, thread =>
        {
            for (int i = 0; i < Messages; i++)
                Assert.True(sender.TrySend(Encoding.ASCII.GetBytes(Message(thread, i))));
        });
        int[] next = new int[Threads];
        for (int i = 0; i < Threads * Messages; i++)
        {
            string message = await received.Reader.ReadAsync(Cancel);
            int thread = message[8] - '0';
            Assert.Equal(Message(thread, next[thread]++), message);
        }
        await sender.DisposeAsync();
        await receiving;
    }

    [Fact]
    public async Task A_link_ends_when_the_other_side_does()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipePair.Create();
        var sender = new InnerLink(one);
        await using var receiver = new InnerLink(other);
        Task receiving = receiver.ReceiveAsync((_, _) => { }, Cancel);
        await sender.DisposeAsync();
        await receiving;
        Assert.False(receiver.TrySend("x"u8));
        Assert.False(receiver.IsOpen);
    }

    [Fact]
    public async Task Octets_that_are_no_SIP_end_the_link()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipePair.Create();
        await using var receiver = new InnerLink(other);
        Task receiving = receiver.ReceiveAsync((_, _) => Assert.Fail("No message came."), Cancel);
        await one.Output.WriteAsync("OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n"u8.ToArray(), Cancel);
        await receiving;
    }

    [Fact]
    public async Task A_side_that_does_not_read_is_refused_further_messages_at_the_limit()
    {
        (IDuplexPipe one, _) = DuplexPipePair.Create();
        await using var sender = new InnerLink(one);
        byte[] megabyte = new byte[1024 * 1024];
        int taken = 0;
        while (taken < 64 && sender.TrySend(megabyte))
            taken++;
        Assert.InRange(taken, InnerLink.QueueLimit / megabyte.Length, 2 + 2 * InnerLink.QueueLimit / megabyte.Length);
    }

    private static string Message(int thread, int number) => $"OPTIONS {thread}x SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK{number}\r\nContent-Length: {number % 100}\r\n\r\n{new string('b', number % 100)}";
}
