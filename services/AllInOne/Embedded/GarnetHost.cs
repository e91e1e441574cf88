using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;

namespace CloudPbx.AllInOne.Embedded;

/// <summary>
/// A Redis-protocol server inside this process, on a free loopback port and with a random password, so that the same code serves a single
/// office and a cluster. What it holds survives a restart by its append-only file: phones that registered over UDP stay reachable.
/// </summary>
internal sealed class GarnetHost : IDisposable
{
    /// <summary>
    /// Garnet drops data silently past its memory; one office needs some MiB (20,000 registrations about 90 MiB).
    /// </summary>
    private const string Memory = "256m";

    private readonly GarnetServer _server;

    private GarnetHost(GarnetServer server, string connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
    }

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts the server; its files live in <paramref name="folder"/>.</summary>
    /// <exception cref="StartException">The folder cannot be used.</exception>
    public static GarnetHost Start(string folder)
    {
        Directory.CreateDirectory(folder);
        string password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        int port = FreeLoopbackPort();
        string[] options =
        [
            "--bind", "127.0.0.1", "--port", $"{port}", "--auth", "Password", "--password", password,
            "--memory", Memory, "--page", "1m", "--index", "1m", "--lua",
            // The native device needs libaio and fails the process without it: the managed one does not.
            "--aof", "--aof-memory", "16m", "--aof-page-size", "4m", "--aof-commit-freq", "500", "--aof-size-limit", "64m", "--device-type", "RandomAccess",
            "--recover", "--checkpointdir", folder, "--logger-level", "Error", "-q",
        ];
        try
        {
            var server = new GarnetServer(options);
            server.Start();
            return new GarnetHost(server, $"127.0.0.1:{port},password={password},abortConnect=false");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new StartException($"The embedded store cannot start in {folder}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    /// <summary>A port that was free a moment ago; the embedded servers here cannot bind port 0 themselves.</summary>
    internal static int FreeLoopbackPort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
