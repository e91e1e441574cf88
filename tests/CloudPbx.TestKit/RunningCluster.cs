using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit;

/// <summary>
/// The product as a cluster on this machine: <c>cloudpbx cluster</c> in a folder of its own, on free ports; edge, workers, media node and Api as processes of their
/// own, with PostgreSQL and redis-server. It has no tenant at first but those asked for.
/// </summary>
public sealed class RunningCluster : IPbxUnderTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly string[] s_extensions = ["100", "101", "102", "103", "104", "105"];
    private readonly string _folder;
    private readonly ChildProcess _process;
    private readonly Dictionary<string, string> _passwords = [];
    private Dictionary<string, int> _processes = [];
    private PbxApi? _api;

    private RunningCluster(string folder, ChildProcess process) => (_folder, _process) = (folder, process);

    /// <inheritdoc/>
    public string Domain => "acme.test";

    /// <inheritdoc/>
    public string Host => "127.0.0.1";

    /// <inheritdoc/>
    public int SipPort { get; private set; }

    /// <inheritdoc/>
    public int TlsPort { get; private set; }

    /// <inheritdoc/>
    public string CaFile { get; private set; } = "";

    /// <inheritdoc/>
    public PbxApi Api => _api ?? throw new InvalidOperationException("the cluster is not started");

    /// <summary>Where the operator of a new installation chooses a password.</summary>
    public Uri? FirstSignIn { get; private set; }

    /// <summary>The process that started the others; it prints when one of them ends.</summary>
    public ChildProcess Process => _process;

    /// <summary>Names of the workers: <c>worker-1</c> …</summary>
    public IReadOnlyList<string> Workers => [.. _processes.Keys.Where(name => name.StartsWith("worker-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The stores, as <c>cluster.json</c> has them: <c>postgres</c>, <c>redis</c>, <c>rabbitMq</c>.</summary>
    public IReadOnlyDictionary<string, string?> Stores { get; private set; } = new Dictionary<string, string?>();

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="options">More options of <c>cluster</c>: <c>--workers</c>, <c>--rabbitmq</c>, <c>--processors</c>, <c>--set</c> …</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<RunningCluster> StartAsync(IReadOnlyList<string> options, CancellationToken cancel)
    {
        Tools.Require("redis-server");
        string folder = Directory.CreateTempSubdirectory("pbx-cluster-").FullName;
        const UnixFileMode open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder, open);       // for root's PostgreSQL, which is another user
        int sipPort = FreePort.Pair();      // one port for UDP and TCP, the next for TLS
        int firstMediaPort = 2 * RandomNumberGenerator.GetInt32(16500, 30000);
        string[] arguments =
        [
            RunningProduct.Program(), "cluster", "--data", folder, "--sip-port", $"{sipPort}", "--tls-port", $"{sipPort + 1}", "--https-port", "0", "--no-demo",
            "--media-ports", string.Create(CultureInfo.InvariantCulture, $"{firstMediaPort}-{firstMediaPort + 799}"), "--volatile-stores", "--log-level", "Information", .. options,
        ];
        RunningCluster cluster = new(folder, ChildProcess.Start(arguments, folder));
        try
        {
            await cluster.ReadyAsync(cancel);
            await cluster.Api.PutAsync("tenants/acme/document", TenantDocument.Make("acme", cluster.Domain, isDefault: true, s_extensions, cluster._passwords), cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public string PasswordOf(string extension) => _passwords[extension];

    /// <summary>A process's id.</summary>
    /// <param name="name"><c>edge</c>, <c>worker-1</c>, <c>media</c>, <c>api</c>, <c>redis</c>, <c>postgres</c>.</param>
    public int ProcessIdOf(string name) => _processes[name];

    /// <summary>Sends a process a signal.</summary>
    public void Signal(string name, int signal) => ChildProcess.Signal(_processes[name], signal);

    /// <summary>Waits until a process that was sent a signal has ended.</summary>
    public Task EndedAsync(string name, CancellationToken cancel) => SaidAsync($"{name}, process {_processes[name]}, ended", 0, cancel);

    /// <summary>Waits until a process that has ended was started again and serves.</summary>
    public async Task RunsAgainAsync(string name, CancellationToken cancel)
    {
        (string line, int index) = await SaidAsync($"{name}, process {_processes[name]}, ended", 0, cancel);
        (line, _) = await SaidAsync($"{name} runs again, process ", index, cancel);
        _processes[name] = int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    private async Task<(string Line, int Index)> SaidAsync(string beginning, int from, CancellationToken cancel) =>
        await _process.Output.WaitAsync(line => line.StartsWith(beginning, StringComparison.Ordinal), from, s_patience, cancel)
        ?? throw new InvalidOperationException($"'{beginning} …' was not said.{Environment.NewLine}{Logs()}");

    /// <summary>The worker that a tenant started on last, by what the workers say of it.</summary>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="cancel">Ends the asking.</param>
    public async Task<string> WorkerOfAsync(string tenant, CancellationToken cancel)
    {
        string id = (await Api.GetAsync($"tenants/{tenant}", cancel)).GetProperty("id").GetString()!;
        string? owner = Workers
            .Select(worker => (Worker: worker, Line: LogOf(worker).Split('\n').LastOrDefault(line => line.Contains($"Tenant {id} starts here", StringComparison.Ordinal))))
            .Where(said => said.Line is not null)
            .OrderBy(said => said.Line, StringComparer.Ordinal)              // each line begins with its time
            .Select(said => said.Worker).LastOrDefault();
        return owner ?? throw new InvalidOperationException($"{tenant} lives on no worker.{Environment.NewLine}{Logs()}");
    }

    /// <summary>Asks again and again until it is so. An API that answers with a problem meanwhile (a tenant's worker is away) is asked again.</summary>
    /// <param name="isSo">The question.</param>
    /// <param name="what">What is waited for, for a failure's message.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task EventuallyAsync(Func<CancellationToken, Task<bool>> isSo, string what, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_patience);
        try
        {
            while (true)
            {
                try
                {
                    if (await isSo(limit.Token)) return;
                }
                catch (HttpRequestException)
                {
                    // 503: nobody owns the tenant at the moment
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"It did not come to this: {what}.{Environment.NewLine}{Logs()}");
        }
    }

    /// <summary>What a process has written so far.</summary>
    public string LogOf(string name) => File.ReadAllText(Path.Combine(_folder, "log", name + ".log"));

    /// <inheritdoc/>
    public string Logs() => string.Join(Environment.NewLine, [_process.Tail(), .. Directory.EnumerateFiles(Path.Combine(_folder, "log")).Order(StringComparer.Ordinal).Select(Tail)]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _process.StopAsync(s_patience);
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Tail(string file)
    {
        string[] lines = File.ReadAllLines(file);
        return string.Join(Environment.NewLine, lines.Skip(Math.Max(0, lines.Length - 40)).Prepend($"--- the end of {Path.GetFileName(file)}"));
    }

    private async Task ReadyAsync(CancellationToken cancel)
    {
        if (await _process.Output.WaitAsync(line => line.StartsWith("CloudPbx is ready", StringComparison.Ordinal), 0, s_patience, cancel) is null)
            throw new InvalidOperationException($"the cluster did not start.{Environment.NewLine}{Logs()}");
        using JsonDocument running = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "run.json"), cancel));
        SipPort = running.RootElement.GetProperty("sipPort").GetInt32();
        TlsPort = running.RootElement.GetProperty("tlsPort").GetInt32();
        CaFile = running.RootElement.GetProperty("certificateAuthority").GetString()!;
        _api = new PbxApi(
            running.RootElement.GetProperty("apiSocket").GetString()!,
            (await File.ReadAllTextAsync(Path.Combine(_folder, "operator.token"), cancel)).Trim());
        FirstSignIn = new Uri((await File.ReadAllTextAsync(Path.Combine(_folder, "operator.link"), cancel)).Trim());
        using JsonDocument cluster = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "cluster.json"), cancel));
        _processes = cluster.RootElement.GetProperty("processes").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("processId").GetInt32());
        Stores = new[] { "postgres", "redis", "rabbitMq" }.ToDictionary(name => name, name => cluster.RootElement.GetProperty(name).GetString());
    }
}
