using System.Net;
using System.Net.Sockets;
using Garnet;

namespace CloudPbx.State.Tests.Stores;

/// <summary>A Redis-protocol server inside the test's process, as all-in-one has one.</summary>
internal sealed class EmbeddedGarnet : IDisposable
{
    private readonly GarnetServer _server;

    private EmbeddedGarnet(GarnetServer server, string connection) => (_server, Connection) = (server, connection);

    public string Connection { get; }

    public static EmbeddedGarnet Start()
    {
        int port = FreePort();
        GarnetServer server = new(
        [
            "--bind", "127.0.0.1", "--port", $"{port}", "--auth", "Password", "--password", "test", "--memory", "16m", "--page", "1m", "--index", "1m", "--lua",
            "--logger-level", "Error", "-q",
        ]);
        server.Start();
        return new EmbeddedGarnet(server, $"127.0.0.1:{port},password=test");
    }

    public void Dispose() => _server.Dispose();

    // Garnet cannot bind port 0 and tell which it got.
    private static int FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
