using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace CloudPbx.TestKit.Processes;

/// <summary>
/// A program that a test started: its output is kept, it ends with the test, it is only ever addressed by its process id. Where <c>setpriv</c> is there (util-linux) it is asked to end (SIGTERM)
/// when we die, however that happens.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly string[] s_endsWithUs = Tools.Find("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", "TERM", "--"] : [];
    private static readonly BlockingCollection<Action> s_starts = StartLauncher();
    private readonly Process _process;

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    /// <summary>The program's short name, for messages.</summary>
    public string Name { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Both output streams, line by line; closed when the program has ended.</summary>
    public Journal<string> Output { get; } = new();

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code, once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program.</summary>
    /// <param name="arguments">The program and its arguments.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="environment">Variables added to (null value: taken from) the environment of the test.</param>
    /// <param name="input">What it reads on its standard input; then the stream ends. Null: it stays open for <see cref="WriteLineAsync"/>.</param>
    /// <param name="network">The network namespace it lives in; null: the test's own.</param>
    public static ChildProcess Start(
        IReadOnlyList<string> arguments,
        string directory,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? input = "",
        Namespaces.NetworkNamespace? network = null)
    {
        string[] line = [.. s_endsWithUs, .. network?.CommandPrefix ?? [], .. arguments];
        ProcessStartInfo start = new(line[0], line[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string key, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(key);
            else start.Environment[key] = value;
        }
        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        string name = Path.GetFileName(arguments[0]);
        ChildProcess child = new(name, process);
        int open = 2;
        DataReceivedEventHandler pump = (_, e) =>
        {
            if (e.Data is not null) child.Output.Add(e.Data);
            else if (Interlocked.Decrement(ref open) == 0) child.Output.Close();
        };
        process.OutputDataReceived += pump;
        process.ErrorDataReceived += pump;
        Launch(process);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (input is null) return child;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return child;
    }

    /// <summary>Writes a line to its standard input.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public async Task WriteLineAsync(string line, CancellationToken cancel)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancel);
        await _process.StandardInput.FlushAsync(cancel);
    }

    /// <summary>Runs a program to its end; its exit code and output.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it was killed.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyList<string> arguments,
        string directory,
        IReadOnlyDictionary<string, string?>? environment = null,
        string input = "",
        Namespaces.NetworkNamespace? network = null,
        TimeSpan? deadline = null,
        CancellationToken cancel = default)
    {
        await using ChildProcess child = Start(arguments, directory, environment, input, network);
        int code = await child.ExitedAsync(deadline ?? TimeSpan.FromSeconds(20), cancel)
            ?? throw new TimeoutException($"{child.Name} did not end in time:{Environment.NewLine}{child.Tail()}");
        return (code, string.Join('\n', child.Output.Snapshot()));
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code, or null when it still runs after <paramref name="deadline"/>.</returns>
    public async Task<int?> ExitedAsync(TimeSpan deadline, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(deadline);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The last lines it printed, for a failure's message.</summary>
    public string Tail(int lines = 40)
    {
        IReadOnlyList<string> all = Output.Snapshot();
        return $"--- the end of {Name}'s output{Environment.NewLine}" + string.Join(Environment.NewLine, all.Skip(Math.Max(0, all.Count - lines)));
    }

    /// <summary>Asks it to end (SIGTERM), waits, then kills it and its descendants.</summary>
    /// <param name="patience">How long to wait before it is killed; null: some seconds.</param>
    public async Task StopAsync(TimeSpan? patience = null)
    {
        if (_process.HasExited) return;
        _ = Kill(_process.Id, SigTerm);
        if (await ExitedAsync(patience ?? s_patience, CancellationToken.None) is not null) return;
        _process.Kill(entireProcessTree: true);
        await ExitedAsync(s_patience, CancellationToken.None);
    }

    /// <summary>Sends it a signal, as a test of its death needs.</summary>
    public void Signal(int signal) => _ = Kill(_process.Id, signal);

    /// <summary>Sends a process that our child started a signal.</summary>
    public static void Signal(int processId, int signal) => _ = Kill(processId, signal);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    // prctl(2): a parent's death is that of the thread that made the child. A thread of the pool ends when there is nothing to do for it; this one never does.
    private static BlockingCollection<Action> StartLauncher()
    {
        BlockingCollection<Action> starts = [];
        new Thread(() =>
        {
            foreach (Action start in starts.GetConsumingEnumerable())
                start();
        })
        { IsBackground = true, Name = "child processes" }.Start();
        return starts;
    }

    private static void Launch(Process process)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        s_starts.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)                                   // a program that is not there: the caller's to hear
            {
                started.SetException(e);
            }
        });
        started.Task.GetAwaiter().GetResult();
    }

    private const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
