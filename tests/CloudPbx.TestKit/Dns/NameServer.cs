using System.Net;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Dns;

/// <summary>A real name server: Debian's dnsmasq, authoritative for what it is told, with every record type that it has an option for.</summary>
public sealed class NameServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;
    private readonly string _folder;

    private NameServer(ChildProcess process, string folder, int port) => (_process, _folder, Address) = (process, folder, new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Starts a server; skips the test where dnsmasq is not installed.</summary>
    /// <param name="domain">The domain that it alone knows.</param>
    /// <param name="records">dnsmasq's options for records, such as <c>--txt-record=…</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="port">Where it is to listen; 0: at a free port.</param>
    public static async Task<NameServer> StartAsync(string domain, IEnumerable<string> records, CancellationToken cancel, int port = 0)
    {
        Tools.Require("dnsmasq");
        string program = Tools.Find("dnsmasq")!;
        string folder = Directory.CreateTempSubdirectory("cloudpbx-dns-").FullName;
        if (port == 0) port = FreePort.Udp();
        ChildProcess process = ChildProcess.Start(
            [
                program, "--keep-in-foreground", "--no-resolv", "--no-hosts", "--no-daemon", $"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--conf-file=/dev/null",
                $"--local=/{domain}/", "--log-facility=-", "--pid-file=", .. records,
            ],
            folder);
        NameServer server = new(process, folder, port);
        if (await process.Output.WaitAsync(line => line.Contains("started, version", StringComparison.Ordinal), 0, s_patience, cancel) is not null)
            return server;
        string said = string.Join(' ', process.Tail(10));
        await server.DisposeAsync();
        throw new InvalidOperationException($"dnsmasq did not start: {said}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
