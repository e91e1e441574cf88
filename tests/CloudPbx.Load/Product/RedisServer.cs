using CloudPbx.Load.Measuring;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Product;

/// <summary>A redis-server with throw-away data, off the subject's core.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private RedisServer(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int ProcessId => _process.Id;

    public string Connection => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(string folder, CancellationToken cancel)
    {
        int port = FreePort.Tcp();
        ChildProcess process = ChildProcess.Start(
            [.. Cores.Others, Tools.Find("redis-server") ?? throw new FileNotFoundException("redis-server is not installed"),
                "--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no"],
            folder);
        RedisServer server = new(process, port);
        if (await process.Output.WaitAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), 0, TimeSpan.FromSeconds(15), cancel) is null)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"Redis did not start.{Environment.NewLine}{process.Tail()}");
        }
        return server;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
