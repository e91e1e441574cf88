using System.Diagnostics;

namespace CloudPbx.AllInOne.Embedded;

/// <summary>
/// Starts the media node as a process of its own (a garbage collection of call control must not be heard), starts it again when it dies,
/// and ends it with this process: the child leaves when its standard input closes, so that it also leaves after a <c>kill -9</c> of its parent.
/// </summary>
internal sealed partial class MediaChild : IHostedService, IDisposable
{
    private static readonly TimeSpan s_stopWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private readonly MediaChildOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MediaChild> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Process? _process;
    private Task? _watching;

    /// <summary>Creates the watcher; nothing runs before <see cref="Begin"/> or <see cref="StartAsync"/>.</summary>
    public MediaChild(MediaChildOptions options, TimeProvider time, ILogger<MediaChild> logger) => (_options, _time, _logger) = (options, time, logger);

    /// <summary>The child's process id, 0 while there is none.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    /// <summary>Starts the process ahead of its turn among the hosted services: it then comes up beside its parent. Disposing ends it.</summary>
    public void Begin() => _process ??= Launch();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Begin();
        _watching = WatchAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_process is { } process)
        {
            process.StandardInput.Close();          // asks it to leave
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_stopWithin);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
        }
        if (_watching is not null) await _watching;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        _stopping.Dispose();
    }

    private Process Launch()
    {
        File.Delete(_options.SocketPath);
        var start = new ProcessStartInfo(_options.Program)
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string argument in _options.Arguments) start.ArgumentList.Add(argument);
        RuntimeSettings.ForMedia(start.Environment);
        Process process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        LogStarted(process.Id);
        return process;
    }

    private async Task WatchAsync()
    {
        var pause = TimeSpan.Zero;
        long started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await _process!.WaitForExitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            // A child that lived for a while is replaced at once; one that dies at its start is given time.
            pause = _time.GetElapsedTime(started) > s_longestPause ? TimeSpan.Zero : pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(250) : pause * 2;
            if (pause > s_longestPause) pause = s_longestPause;
            LogDied(_process.Id, _process.ExitCode, pause.TotalMilliseconds);
            _process.Dispose();
            try
            {
                await Task.Delay(pause, _time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            started = _time.GetTimestamp();
            _process = Launch();
        }
    }

    [LoggerMessage(LogLevel.Information, "Media node started, process {ProcessId}")]
    private partial void LogStarted(int processId);

    [LoggerMessage(LogLevel.Error, "Media node, process {ProcessId}, died with exit code {ExitCode}: its calls end; starting another in {Pause} ms")]
    private partial void LogDied(int processId, int exitCode, double pause);
}

/// <summary>How the media child is started.</summary>
/// <param name="Program">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="SocketPath">The Unix socket on which it will serve media control.</param>
internal sealed record MediaChildOptions(string Program, IReadOnlyList<string> Arguments, string SocketPath)
{
    /// <summary>Runs this same program in its media role.</summary>
    public static MediaChildOptions OfThisProgram(string socketPath, IEnumerable<string> settings)
    {
        string assembly = typeof(MediaChildOptions).Assembly.Location;
        string apphost = Path.ChangeExtension(assembly, null);
        List<string> arguments = ["--role", "media", .. settings];
        return File.Exists(apphost)
            ? new MediaChildOptions(apphost, arguments, socketPath)
            : new MediaChildOptions("dotnet", [assembly, .. arguments], socketPath);
    }
}
