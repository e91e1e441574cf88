using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests.Control;

/// <summary>A node that takes connections and leaves the rest to the test.</summary>
internal abstract class ScriptedNode : IAsyncDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public abstract Uri Address { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ScriptedNode> StartAsync(Carriage carriage) => carriage == Carriage.Own ? new OwnNode() : await GrpcNode.StartAsync();

    public static byte[] Framed(IMessage message)
    {
        byte[] octets = message.ToByteArray(), frame = new byte[4 + octets.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, octets.Length);
        octets.CopyTo(frame, 4);
        return frame;
    }

    public MediaControlClient NewClient(TimeProvider? time = null, TimeSpan? silence = null, TimeSpan? commandTimeout = null)
    {
        var options = new MediaControlClientOptions { Node = Address };
        options.Silence = silence ?? options.Silence;
        options.CommandTimeout = commandTimeout ?? options.CommandTimeout;
        return new MediaControlClient(options, new TestNode.NoEvents(), time ?? TimeProvider.System, NullLogger<MediaControlClient>.Instance);
    }

    public abstract Task<Connection> AcceptAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>A controller's connection.</summary>
    internal abstract class Connection : IAsyncDisposable
    {
        public abstract Task<Command> ReadAsync();

        public abstract Task SendAsync(Event report);

        public abstract ValueTask DisposeAsync();
    }

    private sealed class OwnNode : ScriptedNode
    {
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"cloudpbx-media-{Guid.NewGuid():N}.sock");
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public OwnNode()
        {
            _listener.Bind(new UnixDomainSocketEndPoint(_path));
            _listener.Listen();
        }

        public override Uri Address => new("unix:" + _path);

        public override async Task<Connection> AcceptAsync() => new OwnConnection(new NetworkStream(await _listener.AcceptAsync(Cancel).AsTask().WaitAsync(Patience, Cancel), ownsSocket: true));

        public override ValueTask DisposeAsync()
        {
            _listener.Dispose();
            File.Delete(_path);
            return default;
        }
    }

    private sealed class OwnConnection(NetworkStream stream) : Connection
    {
        public override async Task<Command> ReadAsync()
        {
            byte[] length = new byte[4];
            await stream.ReadExactlyAsync(length, Cancel).AsTask().WaitAsync(Patience, Cancel);
            byte[] octets = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await stream.ReadExactlyAsync(octets, Cancel).AsTask().WaitAsync(Patience, Cancel);
            return Command.Parser.ParseFrom(octets);
        }

        public override async Task SendAsync(Event report) => await stream.WriteAsync(Framed(report), Cancel);

        public override ValueTask DisposeAsync() => stream.DisposeAsync();
    }

    private sealed class GrpcNode(WebApplication server, Channel<GrpcConnection> connections) : ScriptedNode
    {
        public override Uri Address => new(server.Urls.Single());

        public static async Task<GrpcNode> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            var connections = Channel.CreateUnbounded<GrpcConnection>();
            builder.Services.AddSingleton(connections);
            builder.Services.AddRouting();
            builder.Services.AddLogging();
            builder.Services.AddGrpc();
            WebApplication server = builder.Build();
            server.MapGrpcService<Service>();
            await server.StartAsync(Cancel);
            return new GrpcNode(server, connections);
        }

        public override async Task<Connection> AcceptAsync() => await connections.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);

        public override async ValueTask DisposeAsync()
        {
            while (connections.Reader.TryRead(out GrpcConnection? connection))
                await connection.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    private sealed class Service(Channel<GrpcConnection> connections) : MediaControl.Wire.MediaControl.MediaControlBase
    {
        public override async Task Control(IAsyncStreamReader<Command> requestStream, IServerStreamWriter<Event> responseStream, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync([]);
            var connection = new GrpcConnection(requestStream, responseStream);
            await connections.Writer.WriteAsync(connection, CancellationToken.None);
            await Task.WhenAny(connection.Ended, Task.Delay(Timeout.Infinite, context.CancellationToken));
        }
    }

    private sealed class GrpcConnection(IAsyncStreamReader<Command> commands, IServerStreamWriter<Event> events) : Connection
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public override async Task<Command> ReadAsync()
        {
            Assert.True(await commands.MoveNext(Cancel).WaitAsync(Patience, Cancel));
            return commands.Current;
        }

        public override Task SendAsync(Event report) => events.WriteAsync(report, Cancel);

        public override ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            return default;
        }
    }
}
