using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

/// <summary>The same loop on epoll and on io_uring.</summary>
public class PacketLoopTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static TheoryData<PacketBackEnd> BackEnds => [PacketBackEnd.Epoll, PacketBackEnd.IoUring];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_many_threads_post_runs_once_each_on_the_loop(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        int ran = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
                loop.Post(() => ran += loop.IsCurrent ? 1 : 0);
        }, Cancel)));
        int all = 0;
        await OnAsync(loop, () => all = ran);
        Assert.Equal(80_000, all);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_is_posted_soon_wakes_a_loop_that_does_not_tick_and_waits_for_the_tick_of_one_that_does(PacketBackEnd backEnd)
    {
        int rounds = 0;
        using PacketLoop loop = Start(backEnd, woken: () => rounds++);
        var still = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.PostSoon(still.SetResult);
        await still.Task.WaitAsync(s_patience, Cancel);

        List<int> ticked = [], ran = [];
        await OnAsync(loop, () => loop.SetTick(PacketLoop.Soon, () => ticked.Add(rounds)));
        for (int i = 0; i < 20; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.PostSoon(() =>
            {
                ran.Add(rounds + 1);            // what is posted runs before the round counts
                done.SetResult();
            });
            await done.Task.WaitAsync(s_patience, Cancel);
        }
        // Nearly all: a wake of before may be read after its action has run, and a signal ends a wait with nothing. Woken for, hardly any would meet a tick.
        await OnAsync(loop, () => Assert.True(ran.Count(ticked.Contains) > ran.Count / 2, $"{string.Join(' ', ran)} of {string.Join(' ', ticked)}"));
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_is_posted_soon_is_not_lost_when_the_ticks_end(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        for (int i = 0; i < 2000; i++)
        {
            var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() => loop.SetTick(PacketLoop.Soon, () => { }));
            loop.Post(() => loop.SetTick(TimeSpan.Zero, null));
            loop.PostSoon(ran.SetResult);
            await ran.Task.WaitAsync(s_patience, Cancel);
        }
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_is_posted_soon_runs_before_a_packet_that_came_after_it(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        await reader.JoinAsync(loop);
        await OnAsync(loop, () => loop.SetTick(PacketLoop.Soon, () => { }));
        for (int i = 1; i <= 50; i++)
        {
            int read = -1;
            loop.PostSoon(() => read = reader.Numbers.Count);
            Assert.True(reader.Socket.TrySend("one"u8, reader.Socket.Local));
            await reader.ReadAsync(i).WaitAsync(s_patience, Cancel);
            Assert.InRange(read, 0, i - 1);
        }
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_fault_is_told_and_the_loop_lives_on(PacketBackEnd backEnd)
    {
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using PacketLoop loop = Start(backEnd, onFault: fault => told.TrySetResult(fault));
        loop.Post(() => throw new InvalidOperationException("bug"));
        Assert.Equal("bug", (await told.Task.WaitAsync(s_patience, Cancel)).Message);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int ticks = 0;
        loop.Post(() => loop.SetTick(TimeSpan.FromMilliseconds(5), () =>
        {
            if (++ticks == 3)
                ran.SetResult();
        }));
        await ran.Task.WaitAsync(s_patience, Cancel);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_moderated_loop_gathers_what_comes_one_after_the_other(PacketBackEnd backEnd)
    {
        TimeSpan moderation = TimeSpan.FromMilliseconds(50);
        using PacketLoop loop = Start(backEnd, moderation);
        await GathersAsync(loop, moderation);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_loop_may_be_moderated_while_it_runs(PacketBackEnd backEnd)
    {
        TimeSpan moderation = TimeSpan.FromMilliseconds(50);
        using PacketLoop loop = Start(backEnd);
        await OnAsync(loop, () => loop.Moderation = moderation);
        await GathersAsync(loop, moderation);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_moderated_loop_with_nothing_to_do_sleeps(PacketBackEnd backEnd)
    {
        int rounds = 0, atFirst = 0;
        using PacketLoop loop = Start(backEnd, TimeSpan.FromMicroseconds(500), woken: () => rounds++);
        TaskCompletionSource<int> between = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await OnAsync(loop, () => loop.SetTick(TimeSpan.FromMilliseconds(200), () =>
        {
            if (atFirst == 0)
                atFirst = rounds;
            else
                between.TrySetResult(rounds - atFirst);
        }));
        Assert.InRange(await between.Task.WaitAsync(s_patience, Cancel), 0, 10);        // 400 where each half millisecond is one
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_is_there_already_does_not_wait_in_a_moderated_loop(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd, TimeSpan.FromSeconds(1));
        using var reader = new Reader();
        for (int i = 0; i < 100; i++)
            Assert.True(reader.Socket.TrySend("many"u8, reader.Socket.Local));
        await reader.JoinAsync(loop);
        await reader.ReadAsync(100).WaitAsync(s_patience, Cancel);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task More_datagrams_than_there_are_buffers_for_all_arrive_in_order(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        byte[] number = new byte[4];
        for (int i = 0; i < 1000; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, i);
            Assert.True(reader.Socket.TrySend(number, reader.Socket.Local));
        }
        await reader.JoinAsync(loop);
        await reader.ReadAsync(1000).WaitAsync(s_patience, Cancel);
        Assert.Equal(Enumerable.Range(0, 1000), reader.Numbers);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_one_turn_sends_arrives_whole_however_much_it_is(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        using var sender = new Reader();
        await reader.JoinAsync(loop);
        await OnAsync(loop, () =>
        {
            byte[] number = new byte[4];
            for (int i = 0; i < 1000; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(number, i);
                Assert.True(loop.TrySend(sender.Socket, number, reader.Socket.Local));
            }
        });
        await reader.ReadAsync(1000).WaitAsync(s_patience, Cancel);
        Assert.Equal(Enumerable.Range(0, 1000), reader.Numbers);
        Assert.Equal(sender.Socket.Local, reader.LastFrom);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task What_is_sent_out_of_the_buffer_that_it_came_in_arrives_as_it_was(PacketBackEnd backEnd)
    {
        const int Count = 600, Length = 1000;
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        using var relay = new Reader { Relay = (loop, reader.Socket.Local) };
        relay.Socket.Tune(0, 16 << 20);
        byte[] datagram = new byte[Length];
        for (int i = 0; i < Count; i++)
        {
            datagram.AsSpan().Fill((byte)i);
            BinaryPrimitives.WriteInt32BigEndian(datagram, i);
            Assert.True(relay.Socket.TrySend(datagram, relay.Socket.Local));
        }
        await reader.JoinAsync(loop);
        await relay.JoinAsync(loop);
        await relay.ReadAsync(Count).WaitAsync(s_patience, Cancel);
        await reader.ReadAsync(Count).WaitAsync(s_patience, Cancel);
        Assert.Equal(Enumerable.Range(0, Count), reader.Numbers);
        Assert.True(reader.AreWhole);
        await relay.LeaveAsync(loop);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_datagram_to_nowhere_ends_nothing(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        await reader.JoinAsync(loop);
        await OnAsync(loop, () =>
        {
            loop.TrySend(reader.Socket, "x"u8, reader.Socket.Local.WithPort(0));        // EINVAL
            loop.TrySend(reader.Socket, "good"u8, reader.Socket.Local);
        });
        await reader.ReadAsync(1).WaitAsync(s_patience, Cancel);
        Assert.Equal(1, loop.FailedSends);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_long_datagram_is_cut_off_and_one_that_grew_is_sent_whole(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        await reader.JoinAsync(loop);
        await OnAsync(loop, () => loop.TrySend(reader.Socket, new byte[PacketLoop.MaxDatagram + PacketLoop.Room], reader.Socket.Local));
        await reader.ReadAsync(1).WaitAsync(s_patience, Cancel);
        Assert.Equal(PacketLoop.MaxDatagram, reader.LastLength);
        Assert.True(reader.LastRoom >= PacketLoop.Room);
        await reader.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task A_socket_that_is_watched_no_more_is_silent_and_gives_up_its_port_at_once(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var peer = new Reader();
        await peer.JoinAsync(loop);
        for (int i = 0; i < 20; i++)
        {
            using var reader = new Reader();
            await reader.JoinAsync(loop);
            SocketError again = SocketError.SocketError;
            await OnAsync(loop, () =>
            {
                Assert.True(loop.TrySend(reader.Socket, "goodbye"u8, peer.Socket.Local));
                Assert.True(loop.TrySend(peer.Socket, "too late"u8, reader.Socket.Local));
                loop.Remove(reader.Socket, reader.Key);
                reader.Socket.Dispose();
                again = UdpSocket.TryOpen(IPAddress.Loopback, reader.Socket.Local.Port, out UdpSocket? next);
                next?.Dispose();
            });
            Assert.Equal(SocketError.Success, again);
            await peer.ReadAsync(i + 1).WaitAsync(s_patience, Cancel);
            Assert.Equal(reader.Socket.Local, peer.LastFrom);       // each has the place of the one before in the loop, and a port of its own
            Assert.Equal(0, reader.Count);
        }
        await peer.LeaveAsync(loop);
    }

    [Theory, MemberData(nameof(BackEnds))]
    public async Task Packets_are_handed_over_and_sent_on_without_allocation(PacketBackEnd backEnd)
    {
        using PacketLoop loop = Start(backEnd);
        using var reader = new Reader();
        var echo = new Echo(loop);
        await OnAsync(loop, () => echo.Key = loop.Add(echo.Socket, echo, 0));
        await reader.JoinAsync(loop);
        long before = 0;
        for (int i = 1; i <= 2000; i++)
        {
            if (i == 1000)
                before = loop.AllocatedBytes;
            Assert.True(reader.Socket.TrySend("echo"u8, echo.Socket.Local));
            while (reader.Count < i)
                Assert.True(reader.Come.Wait(s_patience, Cancel));
        }
        Assert.Equal(before, loop.AllocatedBytes);
        await reader.LeaveAsync(loop);
        await OnAsync(loop, () => loop.Remove(echo.Socket, echo.Key));
        echo.Socket.Dispose();
    }

    [Fact]
    public void Who_lets_the_loop_choose_gets_one_and_a_reason_for_the_slower()
    {
        using PacketLoop loop = PacketLoop.Create(PacketBackEnd.Auto, "test", _ => { }, TimeSpan.Zero, Urgency.None, out string? declined);
        Assert.Equal(declined is null ? "io_uring" : "epoll", loop.BackEnd);
        using PacketLoop chosen = PacketLoop.Create(PacketBackEnd.Epoll, "test", _ => { }, TimeSpan.Zero, Urgency.None, out declined);
        Assert.Null(declined);
        Assert.Equal("epoll", chosen.BackEnd);
    }

    private static PacketLoop Start(PacketBackEnd backEnd, TimeSpan moderation = default, Action<Exception>? onFault = null, Action? woken = null)
    {
        onFault ??= fault => Assert.Fail(fault.ToString());
        if (backEnd == PacketBackEnd.IoUring)
        {
            using PacketLoop probe = PacketLoop.Create(PacketBackEnd.Auto, "probe", onFault, moderation, Urgency.None, out string? declined);
            Assert.SkipWhen(declined is not null, declined ?? "");
        }
        PacketLoop loop = PacketLoop.Create(backEnd, "test", onFault, moderation, Urgency.None, out _);
        loop.Woken = woken;
        loop.Start();
        return loop;
    }

    private static async Task GathersAsync(PacketLoop loop, TimeSpan moderation)
    {
        using var reader = new Reader();
        await reader.JoinAsync(loop);
        long start = Stopwatch.GetTimestamp();
        for (int i = 1; i <= 10; i++)
        {
            Assert.True(reader.Socket.TrySend("one"u8, reader.Socket.Local));
            await reader.ReadAsync(i).WaitAsync(s_patience, Cancel);
        }
        Assert.True(Stopwatch.GetElapsedTime(start) > moderation);
        await reader.LeaveAsync(loop);
    }

    private static async Task OnAsync(PacketLoop loop, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        await done.Task.WaitAsync(s_patience, Cancel);
    }

    /// <summary>Counts datagrams, and keeps the number that each begins with.</summary>
    private sealed class Reader : IPacketHandler, IDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<int> _numbers = new(4096);
        private TaskCompletionSource? _waiting;
        private int _read, _wanted;

        public Reader()
        {
            Assert.Equal(SocketError.Success, UdpSocket.TryOpen(IPAddress.Loopback, 0, out UdpSocket? socket));
            Socket = socket!;
            Socket.Tune(0, 4 << 20);
        }

        public UdpSocket Socket { get; }

        public int Key { get; private set; }

        public int Count => Volatile.Read(ref _read);

        public int LastLength { get; private set; }

        public int LastRoom { get; private set; }

        public UdpAddress LastFrom { get; private set; }

        /// <summary>Where what comes is sent on to; its loop.</summary>
        public (PacketLoop Loop, UdpAddress To)? Relay { get; init; }

        /// <summary>Whether the last octets of all were those of their number.</summary>
        public bool AreWhole { get; private set; } = true;

        /// <summary>Released for each datagram.</summary>
        public SemaphoreSlim Come { get; } = new(0);

        public IReadOnlyList<int> Numbers
        {
            get
            {
                lock (_gate)
                    return [.. _numbers];
            }
        }

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

        public Task JoinAsync(PacketLoop loop) => OnAsync(loop, () => Key = loop.Add(Socket, this, 0));

        public Task LeaveAsync(PacketLoop loop) => OnAsync(loop, () => loop.Remove(Socket, Key));

        public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from)
        {
            lock (_gate)
            {
                (LastLength, LastRoom, LastFrom) = (length, buffer.Length - length, from);
                _numbers.Add(length < 4 ? 0 : BinaryPrimitives.ReadInt32BigEndian(buffer));
                AreWhole &= length < 5 || !buffer[4..length].ContainsAnyExcept((byte)_numbers[^1]);
                if (++_read == _wanted)
                    _waiting!.TrySetResult();
            }
            Come.Release();
            if (Relay is { } relay)
                relay.Loop.TrySend(Socket, buffer[..length], relay.To);
        }

        public void Dispose()
        {
            Socket.Dispose();
            Come.Dispose();
        }
    }

    private sealed class Echo(PacketLoop loop) : IPacketHandler
    {
        public UdpSocket Socket { get; } = UdpSocket.TryOpen(IPAddress.Loopback, 0, out UdpSocket? socket) == SocketError.Success ? socket! : throw new InvalidOperationException("no socket");

        public int Key { get; set; }

        public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from) => loop.TrySend(Socket, buffer[..length], from);
    }
}
