using System.Net;
using System.Text;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Sockets;
using CloudPbx.Net.Sockets;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Peers;

/// <summary>Kamailio of the Debian package, with one worker process for each transport, pinned to the subject's core.</summary>
internal sealed class Kamailio : ISubject
{
    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly List<IDisposable> _belongings = [];

    private Kamailio(ChildProcess process, string folder, int port, int tlsPort) => (_process, _folder, Port, TlsPort) = (process, folder, port, tlsPort);

    public string Name => "kamailio";

    public int Port { get; }

    public int TlsPort { get; }

    public IReadOnlyList<int> Processes { get; private set; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>What loads it; set by who started it.</summary>
    public Func<double, TimeSpan, Task<LoadOutcome>> Load { get; set; } = (_, _) => throw new InvalidOperationException("no load");

    public UdpAddress Address => new(IPAddress.Loopback, Port);

    /// <summary>Starts it with one of the configurations beside this file.</summary>
    /// <param name="configuration">The file's name.</param>
    /// <param name="replacements">More words of the file and what stands for them.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<Kamailio> StartAsync(string configuration, IEnumerable<(string Word, string By)> replacements, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        int port = FreePort.Pair();
        string text = Embedded.Text(configuration).Replace("WORKERS", "1", StringComparison.Ordinal);
        foreach ((string word, string by) in replacements)
            text = text.Replace(word, by, StringComparison.Ordinal);
        text = text.Replace("SIPPORT", $"{port}", StringComparison.Ordinal).Replace("TLSPORT", $"{port + 1}", StringComparison.Ordinal);
        string file = Path.Combine(folder, "kamailio.cfg");
        await File.WriteAllTextAsync(file, text, cancel);
        ChildProcess process = ChildProcess.Start(
            [.. Cores.Subject, Tools.Find("kamailio") ?? throw new FileNotFoundException("kamailio is not installed"), "-DD", "-E", "-f", file,
                "-P", Path.Combine(folder, "pid"), "-Y", folder, "-m", "2048", "-M", "32", "-b", "8388608"],
            folder);
        Kamailio kamailio = new(process, folder, port, port + 1);
        try
        {
            await Task.Run(kamailio.WaitUntilAnswering, cancel);
            kamailio.Processes = ProcessTree.Of(process.Id);
            return kamailio;
        }
        catch
        {
            await kamailio.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has something end with it.</summary>
    public T Owning<T>(T belonging)
        where T : IDisposable
    {
        _belongings.Add(belonging);
        return belonging;
    }

    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => Load(perSecond, time);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _belongings.ForEach(belonging => belonging.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    // Every configuration answers Max-Forwards: 0 with 483.
    private void WaitUntilAnswering()
    {
        using BatchSocket socket = new();
        string probe = $"OPTIONS sip:127.0.0.1:{Port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{socket.Port};rport;branch=z9hG4bKprobe\r\nMax-Forwards: 0\r\n"
            + "From: <sip:probe@127.0.0.1>;tag=p\r\nTo: <sip:probe@127.0.0.1>\r\nCall-ID: probe\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
        for (int attempt = 0; attempt < 100; attempt++)
        {
            int length = Encoding.ASCII.GetBytes(probe, socket.Room());
            socket.Queue(length, Address);
            socket.Flush();
            Thread.Sleep(100);
            if (socket.Receive() > 0)
                return;
            if (_process.HasExited)
                break;
        }
        throw new InvalidOperationException($"Kamailio did not start.{Environment.NewLine}{_process.Tail()}");
    }
}
