using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using CloudPbx.Net.Sockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Control;

/// <summary>The connection between a controller and a node (infra/decisions/0017): frames, silence, strangers, answers that come late or never.</summary>
public sealed class ControlLinkTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_are_told_apart_wherever_a_read_ends()
    {
        Command[] sent =
        [
            new() { Correlation = 1, Hello = new Hello { Controller = "worker" } },
            new() { Correlation = 2, ReceiveAnswer = new ReceiveAnswer { RemoteSdp = new string('v', 5000) } },
            new(),
            new() { Correlation = 3, Ping = new Ping() },
        ];
        byte[] octets = [.. sent.SelectMany(Framed)];
        for (int piece = 1; piece < 40; piece++)
        {
            Assert.Equal(sent, await ReceiveAsync(octets.Chunk(piece)));
        }
        Assert.Equal(sent, await ReceiveAsync([octets]));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff nothing has a negative length")]
    [InlineData("\0\0\0\u0005\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task What_is_no_message_ends_the_connection_after_what_came_before(string nonsense)
    {
        Command hello = new() { Correlation = 1, Hello = new Hello { Controller = "worker" } };
        Command never = new() { Correlation = 2, Ping = new Ping() };
        Assert.Equal([hello], await ReceiveAsync([[.. Framed(hello), .. Encoding.Latin1.GetBytes(nonsense), .. Framed(never)]], ends: false));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: media\r\n\r\n")]
    [InlineData("\0\0\0\u0002\u0008\u0007")]                             // a command that asks nothing
    public async Task A_node_sends_strangers_away_and_serves_the_others(string words)
    {
        await using TestNode node = await TestNode.StartAsync();
        using Socket stranger = await ConnectAsync(node.Socket);
        await stranger.SendAsync(Encoding.Latin1.GetBytes(words), Cancel);
        Assert.Equal(0, await stranger.ReceiveAsync(new byte[100], Cancel));
        Assert.Equal(AttachOutcome.Unknown, await node.Client.AttachAsync(TestNode.NewCall(), Cancel));
    }

    [Fact]
    public async Task A_controller_leaves_a_node_that_says_nothing_and_comes_again()
    {
        using var node = new SilentNode();
        await using MediaControlClient client = SilentNode.NewClient(new MediaControlClientOptions { Node = node.Address, Silence = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
        client.Start();
        using Socket first = await node.AcceptAsync();                    // takes the connection, and freezes
        using Socket second = await node.AcceptAsync();
        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_node_is_asked_whether_it_is_there()
    {
        using var node = new SilentNode();
        await using MediaControlClient client = SilentNode.NewClient(new MediaControlClientOptions { Node = node.Address, Silence = TimeSpan.FromMilliseconds(400) }, TimeProvider.System);
        client.Start();
        using Socket connection = await node.AcceptAsync();
        await using var stream = new NetworkStream(connection);
        Assert.NotNull((await ReadAsync(stream)).Hello);
        Assert.NotNull((await ReadAsync(stream)).Ping);
    }

    [Fact]
    public async Task A_command_without_an_answer_is_refused_by_the_clock_and_the_others_are_answered_in_any_order()
    {
        var time = new FakeTimeProvider();
        using var node = new SilentNode();
        await using MediaControlClient client = SilentNode.NewClient(new MediaControlClientOptions { Node = node.Address, Silence = TimeSpan.FromMinutes(1) }, time);
        client.Start();
        using Socket connection = await node.AcceptAsync();
        await using var stream = new NetworkStream(connection);
        await ReadAsync(stream);
        await stream.WriteAsync(Framed(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } }), Cancel);
        await client.WaitForConnectionAsync(Cancel).WaitAsync(s_patience, Cancel);

        Task<AttachOutcome> first = client.AttachAsync(TestNode.NewCall(), Cancel), second = client.AttachAsync(TestNode.NewCall(), Cancel);
        Command one = await ReadAsync(stream), two = await ReadAsync(stream);
        await stream.WriteAsync(Framed(new Event { Correlation = two.Correlation, Done = new Done() }), Cancel);
        Assert.Equal(AttachOutcome.Attached, await second.WaitAsync(s_patience, Cancel));
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Task<AttachOutcome> third = client.AttachAsync(TestNode.NewCall(), Cancel);
        Command three = await ReadAsync(stream);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AttachOutcome.Away, await first.WaitAsync(s_patience, Cancel));
        await stream.WriteAsync(Framed(new Event { Correlation = one.Correlation, Done = new Done() }), Cancel);       // too late: nobody waits
        await stream.WriteAsync(Framed(new Event { Correlation = three.Correlation, Done = new Done() }), Cancel);
        Assert.Equal(AttachOutcome.Attached, await third.WaitAsync(s_patience, Cancel));
        using var impatient = new CancellationTokenSource();
        Task<AttachOutcome> fourth = client.AttachAsync(TestNode.NewCall(), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth.WaitAsync(s_patience, Cancel));
    }

    [Fact]
    public async Task What_is_under_way_when_a_connection_breaks_is_asked_again_on_the_next()
    {
        using var node = new SilentNode();
        await using MediaControlClient client = SilentNode.NewClient(new MediaControlClientOptions { Node = node.Address, CommandTimeout = s_patience }, TimeProvider.System);
        client.Start();
        ulong asked;
        Task<AttachOutcome> attaching;
        using (Socket connection = await node.AcceptAsync())
        {
            await using var stream = new NetworkStream(connection);
            await ReadAsync(stream);
            await stream.WriteAsync(Framed(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } }), Cancel);
            await client.WaitForConnectionAsync(Cancel).WaitAsync(s_patience, Cancel);
            attaching = client.AttachAsync(TestNode.NewCall(), Cancel);
            asked = (await ReadAsync(stream)).Correlation;
        }
        using Socket next = await node.AcceptAsync();
        await using var again = new NetworkStream(next);
        await ReadAsync(again);
        await again.WriteAsync(Framed(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } }), Cancel);
        Assert.Equal(asked, (await ReadAsync(again)).Correlation);
        await again.WriteAsync(Framed(new Event { Correlation = asked, Done = new Done() }), Cancel);
        Assert.Equal(AttachOutcome.Attached, await attaching.WaitAsync(s_patience, Cancel));
    }

    private static byte[] Framed(IMessage message)
    {
        byte[] octets = message.ToByteArray(), frame = new byte[4 + octets.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, octets.Length);
        octets.CopyTo(frame, 4);
        return frame;
    }

    private static async Task<Command> ReadAsync(NetworkStream stream)
    {
        byte[] length = new byte[4];
        await stream.ReadExactlyAsync(length, Cancel).AsTask().WaitAsync(s_patience, Cancel);
        byte[] octets = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(octets, Cancel).AsTask().WaitAsync(s_patience, Cancel);
        return Command.Parser.ParseFrom(octets);
    }

    /// <summary>Gives a link what came in pieces, and ends it where <paramref name="ends"/>; else it has to end by itself.</summary>
    private static async Task<List<Command>> ReceiveAsync(IEnumerable<byte[]> pieces, bool ends = true)
    {
        Pipe inward = new(new PipeOptions(pauseWriterThreshold: 0)), outward = new();
        await using var link = new ControlLink(new Both(inward.Reader, outward.Writer));
        List<Command> received = [];
        Task receiving = link.ReceiveAsync(Command.Parser, received.Add);
        foreach (byte[] piece in pieces)
            await inward.Writer.WriteAsync(piece, Cancel);
        if (ends)
            await inward.Writer.CompleteAsync();
        await receiving.WaitAsync(s_patience, Cancel);
        Assert.False(link.IsOpen);
        return received;
    }

    private static async Task<Socket> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
        return socket;
    }

    private sealed class Both(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>A node that takes connections and leaves the rest to the test.</summary>
    private sealed class SilentNode : IDisposable
    {
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"cloudpbx-media-{Guid.NewGuid():N}.sock");
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public SilentNode()
        {
            _listener.Bind(new UnixDomainSocketEndPoint(_path));
            _listener.Listen();
        }

        public Uri Address => new("unix:" + _path);

        public static MediaControlClient NewClient(MediaControlClientOptions options, TimeProvider time) => new(options, new Nobody(), time, NullLogger<MediaControlClient>.Instance);

        public async Task<Socket> AcceptAsync() => await _listener.AcceptAsync(Cancel).AsTask().WaitAsync(s_patience, Cancel);

        public void Dispose()
        {
            _listener.Dispose();
            File.Delete(_path);
        }
    }

    private sealed class Nobody : IMediaEvents
    {
        public void DigitReceived(LegId leg, char digit, int durationMs)
        {
        }

        public void LegSilent(LegId leg)
        {
        }

        public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit)
        {
        }

        public void SpeakingChanged(LegId leg, bool speaks)
        {
        }

        public void NodeLost()
        {
        }
    }
}
