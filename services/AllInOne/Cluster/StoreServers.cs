using System.Diagnostics;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>PostgreSQL, redis-server and RabbitMQ of this machine, started by <c>servers.sh</c> on free loopback ports. They end when we let go of the script.</summary>
internal sealed class StoreServers : IAsyncDisposable
{
    private static readonly TimeSpan s_stopWithin = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, string> s_packages = new() { ["postgres"] = "postgresql", ["redis"] = "redis-server", ["rabbitmq"] = "rabbitmq-server" };

    private readonly Process _script;
    private readonly Dictionary<string, (int ProcessId, string Connection)> _servers = [];

    private StoreServers(Process script) => _script = script;

    /// <summary>Each server's name, process and connection.</summary>
    public IReadOnlyDictionary<string, (int ProcessId, string Connection)> Servers => _servers;

    /// <summary>As a superuser, to an empty database: Npgsql's connection string.</summary>
    public string Postgres => _servers["postgres"].Connection;

    /// <summary>Host and port.</summary>
    public string Redis => _servers["redis"].Connection;

    /// <summary>AMQP URL, or <see langword="null"/> where it was not asked for.</summary>
    public string? RabbitMq => _servers.TryGetValue("rabbitmq", out (int, string Connection) server) ? server.Connection : null;

    /// <summary>Starts them and waits until they accept connections.</summary>
    /// <param name="folder">Where their data lie.</param>
    /// <param name="rabbitMq">Whether RabbitMQ is wanted.</param>
    /// <param name="isVolatile">Whether they may lose their data with the machine.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="StartException">One is not installed, or did not start.</exception>
    public static async Task<StoreServers> StartAsync(string folder, bool rabbitMq, bool isVolatile, CancellationToken cancel)
    {
        List<string> line = ["--", "bash", Path.Combine(AppContext.BaseDirectory, "servers.sh"), folder];
        if (isVolatile) line.Add("--volatile");
        line.AddRange(["postgres", "redis"]);
        if (rabbitMq) line.Add("rabbitmq");
        var start = new ProcessStartInfo("setsid", line) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        var stores = new StoreServers(Process.Start(start) ?? throw new InvalidOperationException("No process was started."));
        try
        {
            await stores.ReadAsync(cancel);
            return stores;
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops them, and waits until they have written what they must.</summary>
    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        using var patience = new CancellationTokenSource(s_stopWithin);
        try
        {
            await _script.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _script.Kill(entireProcessTree: true);
        }
        _script.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        List<string> said = [], missing = [];
        while (await _script.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            string[] words = line.Split(' ', 3);
            if (line == "ready" && missing.Count == 0) return;
            if (line == "ready") break;
            if (words is ["missing", var name]) missing.Add(name);
            else if (words is [var server, var id, var connection] && s_packages.ContainsKey(server) && int.TryParse(id, out int processId)) _servers[server] = (processId, connection);
            else said.Add(line);
        }
        throw missing.Count > 0
            ? new StartException($"Not installed: {string.Join(", ", missing)}. On Debian or Ubuntu: apt-get install {string.Join(' ', missing.Select(name => s_packages[name]))}.")
            : new StartException($"The stores did not start: {string.Join(Environment.NewLine, said)}");
    }
}
