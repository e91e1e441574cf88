using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Tests.Relay;

public class EpollLoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_many_threads_post_runs_once_each_on_the_loop()
    {
        using var loop = new EpollLoop("test", fault => Assert.Fail(fault.ToString()));
        loop.Start();
        int ran = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
                loop.Post(() => ran += loop.IsCurrent ? 1 : 0);
        }, Cancel)));
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => done.SetResult(ran));
        Assert.Equal(80_000, await done.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task A_fault_is_told_and_the_loop_lives_on()
    {
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var loop = new EpollLoop("test", fault => told.TrySetResult(fault));
        loop.Start();
        loop.Post(() => throw new InvalidOperationException("bug"));
        Assert.Equal("bug", (await told.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Message);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => loop.SetTick(TimeSpan.FromMilliseconds(5), () => ran.TrySetResult()));
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task A_moderated_loop_gathers_what_comes_one_after_the_other()
    {
        TimeSpan moderation = TimeSpan.FromMilliseconds(50);
        using var loop = new EpollLoop("test", fault => Assert.Fail(fault.ToString()), moderation);
        using var reader = new Reader();
        loop.Start();
        loop.Post(() => reader.Key = loop.Add(reader.Socket, reader, 0));
        long start = Stopwatch.GetTimestamp();
        for (int i = 1; i <= 10; i++)
        {
            Assert.True(reader.Socket.TrySend("one"u8, reader.Socket.Local));
            await reader.ReadAsync(i).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        }
        Assert.True(Stopwatch.GetElapsedTime(start) > moderation);
        await reader.LeaveAsync(loop).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task What_a_handler_left_behind_does_not_wait_in_a_moderated_loop()
    {
        using var loop = new EpollLoop("test", fault => Assert.Fail(fault.ToString()), TimeSpan.FromSeconds(1));
        using var reader = new Reader();
        for (int i = 0; i < 100; i++)
            Assert.True(reader.Socket.TrySend("many"u8, reader.Socket.Local));
        loop.Start();
        loop.Post(() => reader.Key = loop.Add(reader.Socket, reader, 0));
        await reader.ReadAsync(100).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await reader.LeaveAsync(loop).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

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

    /// <summary>Reads one datagram a turn, and counts them.</summary>
    private sealed class Reader : IEpollHandler, IDisposable
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource? _waiting;
        private int _read, _wanted;

        public Reader()
        {
            Assert.Equal(SocketError.Success, UdpSocket.TryOpen(IPAddress.Loopback, 0, out UdpSocket? socket));
            Socket = socket!;
        }

        public UdpSocket Socket { get; }

        public int Key { get; set; }

        /// <summary>Waits until so many were read in all.</summary>
        public Task ReadAsync(int count)
        {
            lock (_gate)
            {
                (_wanted, _waiting) = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                if (_read >= count)
                    _waiting.SetResult();
                return _waiting.Task;
            }
        }

        public Task LeaveAsync(EpollLoop loop)
        {
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() =>
            {
                loop.Remove(Socket, Key);
                left.SetResult();
            });
            return left.Task;
        }

        public void Readable(int tag)
        {
            Assert.True(Socket.TryReceive(new byte[16], out _) > 0);
            lock (_gate)
            {
                if (++_read == _wanted)
                    _waiting!.TrySetResult();
            }
        }

        public void Dispose() => Socket.Dispose();
    }
}
