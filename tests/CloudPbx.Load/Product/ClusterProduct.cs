using System.Globalization;
using System.Net;
using System.Text.Json;
using CloudPbx.Load.Measuring;
using CloudPbx.Net.Sockets;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Product;

/// <summary>The whole product as <c>./pbx cluster</c> starts it: edge, one worker and media node on the subject's core, stores and Api beside it, with the users of <see cref="Phonebook"/>.</summary>
internal sealed class ClusterProduct : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    private readonly ChildProcess _process;
    private readonly string _folder;

    private ClusterProduct(ChildProcess process, string folder) => (_process, _folder) = (process, folder);

    public UdpAddress Udp => new(IPAddress.Loopback, SipPort);

    public int SipPort { get; private set; }

    public int TlsPort { get; private set; }

    /// <summary>Edge, worker and media, by name.</summary>
    public IReadOnlyDictionary<string, int> Subjects { get; private set; } = new Dictionary<string, int>();

    /// <summary>Stores and Api, by name, each with its descendants.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; private set; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>Starts it and applies the tenants.</summary>
    /// <param name="progress">Told what happens now.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="isGuarded">Whether the edge limits one source as it does for its users; else the whole load may come from one.</param>
    public static async Task<ClusterProduct> StartAsync(Action<string> progress, CancellationToken cancel, bool isGuarded = false)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        // PostgreSQL's own user has to get through.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        int port = FreePort.Pair();
        string subject = Cores.Subject[^1], others = Cores.Others[^1];
        ChildProcess process = ChildProcess.Start(
            [.. Cores.Others, Programs.AllInOne, "cluster", "--data", folder, "--workers", "1", "--volatile-stores", "--no-demo", "--bind", "127.0.0.1",
                "--sip-port", $"{port}", "--tls-port", $"{port + 1}", "--https-port", "0", "--media-ports", "4000-17999", "--log-level", "Warning",
                "--processors", $"edge={subject}", "--processors", $"worker={subject}", "--processors", $"media={subject}", "--processors", $"api={others}",
                .. isGuarded ? [] : (string[])["--set", "edge.Edge:MessagesPerSecond=0", "--set", "edge.Bans:TrapNames=0", "--set", "edge.Edge:MaxConnectionsPerSource=1000000"],
                .. MediaSettings.Options.SelectMany(setting => new[] { "--set", $"media.{setting.Key}={setting.Value}" })],
            folder);
        ClusterProduct product = new(process, folder);
        try
        {
            await product.ReadyAsync(cancel);
            for (int tenant = 0; tenant < Phonebook.Tenants; tenant++)
            {
                progress($"applying tenant {tenant + 1} of {Phonebook.Tenants}");
                await product.ApplyAsync(Phonebook.Document(tenant), cancel);
            }
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadyAsync(CancellationToken cancel)
    {
        if (await _process.Output.WaitAsync(line => line.StartsWith("CloudPbx is ready", StringComparison.Ordinal), 0, s_patience, cancel) is null)
            throw new InvalidOperationException($"the product did not start.{Environment.NewLine}{_process.Tail()}{Environment.NewLine}{Logs()}");
        using JsonDocument running = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "run.json"), cancel));
        SipPort = running.RootElement.GetProperty("sipPort").GetInt32();
        TlsPort = running.RootElement.GetProperty("tlsPort").GetInt32();
        using JsonDocument cluster = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "cluster.json"), cancel));
        Dictionary<string, int> processes = cluster.RootElement.GetProperty("processes").EnumerateArray()
            .ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("processId").GetInt32());
        Subjects = processes.Where(p => IsSubject(p.Key)).ToDictionary();
        Others = processes.Where(p => !IsSubject(p.Key)).ToDictionary(p => p.Key, p => ProcessTree.Of(p.Value));
    }

    private static bool IsSubject(string process) => process is "edge" or "media" || process.StartsWith("worker", StringComparison.Ordinal);

    /// <summary>Brings a tenant to the state of a document.</summary>
    public async Task ApplyAsync(string document, CancellationToken cancel)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            [Programs.AllInOne, "apply", "-", "--data", _folder], _folder, input: document, deadline: s_patience, cancel: cancel);
        if (code != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"apply ended with {code}: {output}"));
    }

    private string Logs() => string.Join(
        Environment.NewLine,
        Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories).SelectMany(file => File.ReadLines(file).TakeLast(10).Prepend($"--- {Path.GetFileName(file)}")));
}
