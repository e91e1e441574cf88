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

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    private readonly int _port = FreeLoopbackPort();
    private GarnetServer? _server;
    private GarnetLog? _log;

    /// <summary>Chooses port and password; nothing listens before <see cref="Start"/>.</summary>
    /// <param name="folder">Where its files live.</param>
    public GarnetHost(string folder) => _folder = folder;

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => $"127.0.0.1:{_port},password={_password},abortConnect=false";

    /// <summary>Starts the server. It takes half a second, nearly all of it compiling, on any thread.</summary>
    /// <param name="logging">Takes the server's errors.</param>
    /// <exception cref="StartException">The folder cannot be used.</exception>
    public void Start(ILoggerFactory logging)
    {
        string[] options =
        [
            "--bind", "127.0.0.1", "--port", $"{_port}", "--auth", "Password", "--password", _password,
            "--memory", Memory, "--page", "1m", "--index", "1m", "--lua",
            // The native device needs libaio and fails the process without it: the managed one does not.
            // Twice a page of the store is the least that a page of the log may have; all of it is resident from the start.
            "--aof", "--aof-memory", "4m", "--aof-page-size", "2m", "--aof-commit-freq", "500", "--aof-size-limit", "64m", "--device-type", "RandomAccess",
            "--recover", "--checkpointdir", _folder, "-q",
        ];
        try
        {
            Directory.CreateDirectory(_folder);
            _server = new GarnetServer(options, _log = new GarnetLog(logging));
            _server.Start();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new StartException($"The embedded store cannot start in {_folder}: {e.Message}");
        }
    }

    /// <summary>Brings to the disk what is not there yet, and ends the server.</summary>
    public void Dispose()
    {
        if (_server is null)
            return;
        _log!.IsEnding = true;
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            _server.Store.CommitAOFAsync(patience.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A disk that does not answer, or is full, keeps no process from ending: what is live comes again with the phones.
        }
        _server.Dispose();
    }

    /// <summary>A port that was free a moment ago; the embedded servers here cannot bind port 0 themselves.</summary>
    internal static int FreeLoopbackPort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
