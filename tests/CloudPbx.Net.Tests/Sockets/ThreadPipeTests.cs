using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

/// <summary>Over TCP and over a Unix socket, whose readers wait differently.</summary>
public sealed class ThreadPipeTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly List<IDisposable> _owned = [];

    public static TheoryData<AddressFamily> Families => [AddressFamily.InterNetwork, AddressFamily.Unix];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    [Theory, MemberData(nameof(Families))]
    public async Task What_one_side_writes_the_other_reads_while_it_writes_too(AddressFamily family)
    {
        (ThreadPipe one, ThreadPipe other) = Connect(family);
        Task<int> read = ReadAsync(other, 10_000), back = ReadAsync(one, 1000);
        for (int i = 0; i < 100; i++)
        {
            await one.Output.WriteAsync(new byte[100], Cancel);
            await other.Output.WriteAsync(new byte[10], Cancel);
        }
        Assert.Equal(10_000, await read);
        Assert.Equal(1000, await back);
    }

    [Theory, MemberData(nameof(Families))]
    public async Task A_peer_that_is_silent_for_too_long_ends_the_reading(AddressFamily family)
    {
        (_, ThreadPipe other) = Connect(family, TimeSpan.FromMilliseconds(50));
        Assert.True((await OnThread(() => other.Input.ReadAsync(Cancel).AsTask())).IsCompleted);
    }

    [Theory, MemberData(nameof(Families))]
    public async Task A_peer_that_leaves_ends_the_reading(AddressFamily family)
    {
        (ThreadPipe one, ThreadPipe other) = Connect(family);
        Task<ReadResult> reading = OnThread(() => other.Input.ReadAsync(Cancel).AsTask());
        one.Dispose();
        Assert.True((await reading).IsCompleted);
    }

    [Theory, MemberData(nameof(Families))]
    public async Task Cancelling_frees_the_thread_that_waits(AddressFamily family)
    {
        (_, ThreadPipe other) = Connect(family);
        Task<ReadResult> reading = OnThread(() => other.Input.ReadAsync(Cancel).AsTask());
        other.Input.CancelPendingRead();
        Assert.True((await reading).IsCanceled);
    }

    private static Task<int> ReadAsync(ThreadPipe pipe, int octets) => OnThread(async () =>
    {
        int read = 0;
        while (read < octets)
        {
            ReadResult result = await pipe.Input.ReadAsync(Cancel);
            read += (int)result.Buffer.Length;
            pipe.Input.AdvanceTo(result.Buffer.End);
        }
        return read;
    });

    // Reading blocks the thread that reads.
    private static Task<T> OnThread<T>(Func<Task<T>> action) =>
        Task.Factory.StartNew(action, Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap().WaitAsync(s_patience, Cancel);

    private (ThreadPipe One, ThreadPipe Other) Connect(AddressFamily family, TimeSpan silence = default)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        EndPoint local = family == AddressFamily.Unix ? new UnixDomainSocketEndPoint(path) : new IPEndPoint(IPAddress.Loopback, 0);
        ProtocolType protocol = family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        using var listener = new Socket(family, SocketType.Stream, protocol);
        listener.Bind(local);
        listener.Listen();
        var near = new Socket(family, SocketType.Stream, protocol);
        near.Connect(listener.LocalEndPoint!);
        (ThreadPipe One, ThreadPipe Other) pipes = (new ThreadPipe(near), new ThreadPipe(listener.Accept(), silence));
        File.Delete(path);
        _owned.AddRange([pipes.One, pipes.Other]);
        return pipes;
    }
}
