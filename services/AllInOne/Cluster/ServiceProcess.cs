using System.Diagnostics;
using System.Net;
using System.Text.Json;
using CloudPbx.AllInOne.Commands;
using CloudPbx.AllInOne.Embedded;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>
/// A service as a process of its own: set up by environment variables alone, its output in a log file, a health page on a Unix socket. It ends
/// when its standard input does, so that it never outlives us.
/// </summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_stopWithin = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly HttpClient _health;

    private ServiceProcess(string name, Process process, string logFile, string healthSocket)
    {
        (Name, _process, LogFile) = (name, process, logFile);
        Id = process.Id;
        Exited = ExitAsync();
        _health = new HttpClient(ApiClient.OverSocket(healthSocket)) { BaseAddress = new Uri("http://localhost/health/") };
    }

    /// <summary><c>edge</c>, <c>worker-1</c> …</summary>
    public string Name { get; }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>What it writes.</summary>
    public string LogFile { get; }

    /// <summary>Starts a service.</summary>
    /// <param name="name">The process's name.</param>
    /// <param name="program">The executable.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="logFile">Where its output is appended to.</param>
    /// <param name="healthSocket">The Unix socket of its health page.</param>
    /// <param name="runtime">Sets up its runtime, see <see cref="RuntimeSettings"/>.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="processors">The processors that it may use, as <c>taskset</c> takes them; null for all.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ServiceProcess Start(
        string name, string program, string folder, string logFile, string healthSocket, Action<IDictionary<string, string?>> runtime,
        IReadOnlyDictionary<string, string?> environment, string? processors,
        params string[] arguments)
    {
        File.Delete(healthSocket);       // a killed process leaves its socket behind
        // A session of its own: a terminal's Ctrl-C is for us, who then stop all in order. The shell gives way to the program, so the process id is the program's.
        string[] pinned = processors is null ? [] : ["taskset", "--cpu-list", processors];
        var start = new ProcessStartInfo(
            "setsid", ["--", .. pinned, "/bin/sh", "-c", "exec \"$0\" \"$@\" >>\"$CLOUDPBX_LOG_FILE\" 2>&1", program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        runtime(start.Environment);
        foreach ((string key, string? value) in environment) start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["CLOUDPBX_LOG_FILE"] = logFile;
        start.Environment["Hosting__StopWithStandardInput"] = "true";
        return new ServiceProcess(name, Process.Start(start) ?? throw new InvalidOperationException("No process was started."), logFile, healthSocket);
    }

    /// <summary>Waits until the health page says that it is ready.</summary>
    /// <param name="page"><c>ready</c>, or <c>live</c> for a process that cannot become ready by itself.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="StartException">It ended instead; the message is its own.</exception>
    public async Task ReadyAsync(string page, CancellationToken cancel)
    {
        string? sentence = null;
        try
        {
            while (!Exited.IsCompleted)
            {
                try
                {
                    using HttpResponseMessage response = await _health.GetAsync(new Uri(page, UriKind.Relative), cancel);
                    if (response.StatusCode == HttpStatusCode.OK) return;
                    sentence = await response.Content.ReadAsStringAsync(cancel);
                }
                catch (HttpRequestException)
                {
                    // it does not listen yet
                }
                await Task.Delay(s_poll, cancel);
            }
        }
        catch (OperationCanceledException) when (sentence is not null)
        {
            throw new StartException($"{Name} did not become ready: {Complaint(sentence)} Its log is {LogFile}.");
        }
        throw new StartException($"{Name} did not start: {LastLine()}");
    }

    /// <summary>Lets go of its standard input: it then stops in order.</summary>
    public void AskToStop()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it has ended already
        }
    }

    /// <summary>Stops it; kills it when it takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        AskToStop();
        if (await Task.WhenAny(Exited, Task.Delay(s_stopWithin)) != Exited) _process.Kill();
        await Exited;
        _health.Dispose();
        _process.Dispose();
    }

    /// <summary>The last line that it wrote: a service that cannot start says why in one sentence.</summary>
    public string LastLine() => File.Exists(LogFile) && File.ReadLines(LogFile).LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) is { } last ? last : "it wrote nothing.";

    /// <summary>The sentences of a health page's failed checks.</summary>
    private static string Complaint(string page)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(page);
            return string.Join(" ", json.RootElement.GetProperty("checks").EnumerateObject()
                .Select(check => check.Value.GetProperty("description").GetString()).Where(description => !string.IsNullOrEmpty(description)));
        }
        catch (JsonException)
        {
            return "Its health page is an error.";        // the service's own fault: its log says more
        }
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        return _process.ExitCode;
    }
}
