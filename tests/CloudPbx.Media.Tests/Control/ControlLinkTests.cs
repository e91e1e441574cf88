using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using CloudPbx.Net.Sockets;
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
        byte[] octets = [.. sent.SelectMany(ScriptedNode.Framed)];
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
        Assert.Equal([hello], await ReceiveAsync([[.. ScriptedNode.Framed(hello), .. Encoding.Latin1.GetBytes(nonsense), .. ScriptedNode.Framed(never)]], ends: false));
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

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_controller_leaves_a_node_that_says_nothing_and_comes_again(Carriage carriage)
    {
        await using ScriptedNode node = await ScriptedNode.StartAsync(carriage);
        await using MediaControlClient client = node.NewClient(silence: TimeSpan.FromMilliseconds(200));
        client.Start();
        await using ScriptedNode.Connection first = await node.AcceptAsync();                    // takes the connection, and freezes
        await using ScriptedNode.Connection second = await node.AcceptAsync();
        Assert.False(client.IsConnected);
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_node_is_asked_whether_it_is_there(Carriage carriage)
    {
        await using ScriptedNode node = await ScriptedNode.StartAsync(carriage);
        await using MediaControlClient client = node.NewClient(silence: TimeSpan.FromMilliseconds(400));
        client.Start();
        await using ScriptedNode.Connection connection = await node.AcceptAsync();
        Assert.NotNull((await connection.ReadAsync()).Hello);
        Assert.NotNull((await connection.ReadAsync()).Ping);
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_command_without_an_answer_is_refused_by_the_clock_and_the_others_are_answered_in_any_order(Carriage carriage)
    {
        var time = new FakeTimeProvider();
        await using ScriptedNode node = await ScriptedNode.StartAsync(carriage);
        await using MediaControlClient client = node.NewClient(time, TimeSpan.FromMinutes(1));
        client.Start();
        await using ScriptedNode.Connection connection = await node.AcceptAsync();
        await connection.ReadAsync();
        await connection.SendAsync(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } });
        await client.WaitForConnectionAsync(Cancel).WaitAsync(s_patience, Cancel);

        Task<AttachOutcome> first = client.AttachAsync(TestNode.NewCall(), Cancel), second = client.AttachAsync(TestNode.NewCall(), Cancel);
        Command one = await connection.ReadAsync(), two = await connection.ReadAsync();
        await connection.SendAsync(new Event { Correlation = two.Correlation, Done = new Done() });
        Assert.Equal(AttachOutcome.Attached, await second.WaitAsync(s_patience, Cancel));
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Task<AttachOutcome> third = client.AttachAsync(TestNode.NewCall(), Cancel);
        Command three = await connection.ReadAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AttachOutcome.Away, await first.WaitAsync(s_patience, Cancel));
        await connection.SendAsync(new Event { Correlation = one.Correlation, Done = new Done() });       // too late: nobody waits
        await connection.SendAsync(new Event { Correlation = three.Correlation, Done = new Done() });
        Assert.Equal(AttachOutcome.Attached, await third.WaitAsync(s_patience, Cancel));
        using var impatient = new CancellationTokenSource();
        Task<AttachOutcome> fourth = client.AttachAsync(TestNode.NewCall(), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth.WaitAsync(s_patience, Cancel));
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task What_is_under_way_when_a_connection_breaks_is_asked_again_on_the_next(Carriage carriage)
    {
        await using ScriptedNode node = await ScriptedNode.StartAsync(carriage);
        await using MediaControlClient client = node.NewClient(commandTimeout: s_patience);
        client.Start();
        ulong asked;
        Task<AttachOutcome> attaching;
        await using (ScriptedNode.Connection connection = await node.AcceptAsync())
        {
            await connection.ReadAsync();
            await connection.SendAsync(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } });
            await client.WaitForConnectionAsync(Cancel).WaitAsync(s_patience, Cancel);
            attaching = client.AttachAsync(TestNode.NewCall(), Cancel);
            asked = (await connection.ReadAsync()).Correlation;
        }
        await using ScriptedNode.Connection next = await node.AcceptAsync();
        await next.ReadAsync();
        await next.SendAsync(new Event { Correlation = ulong.MaxValue, Welcome = new Welcome { Instance = "one" } });
        Assert.Equal(asked, (await next.ReadAsync()).Correlation);
        await next.SendAsync(new Event { Correlation = asked, Done = new Done() });
        Assert.Equal(AttachOutcome.Attached, await attaching.WaitAsync(s_patience, Cancel));
    }

    /// <summary>Gives a link what came in pieces, and ends it where <paramref name="ends"/>; else it has to end by itself.</summary>
    private static async Task<List<Command>> ReceiveAsync(IEnumerable<byte[]> pieces, bool ends = true)
    {
        Pipe inward = new(new PipeOptions(pauseWriterThreshold: 0)), outward = new();
        await using var link = new PipeControlLink(new Both(inward.Reader, outward.Writer));
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
}
