namespace CloudPbx.AllInOne.Cluster;

/// <summary>A service of the cluster, whose process is started again when it ends by itself, as Kubernetes would.</summary>
/// <param name="name"><c>edge</c>, <c>worker-1</c> …</param>
/// <param name="isLeftDead">Whether it is not started again.</param>
/// <param name="start">Starts its process; told whether it is started again, when it goes on in the same log.</param>
internal sealed class KeptService(string name, bool isLeftDead, Func<bool, ServiceProcess> start) : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its process now.</summary>
    public ServiceProcess Process { get; private set; } = start(false);

    /// <summary>Says when its process ends, and starts another.</summary>
    /// <param name="output">Where to say it.</param>
    /// <param name="changed">Called when there is another process.</param>
    /// <param name="cancel">Ends the watch; a process that runs then is left alone.</param>
    public async Task KeepAsync(TextWriter output, Action changed, CancellationToken cancel)
    {
        TimeSpan pause = s_firstPause;
        try
        {
            while (true)
            {
                int code = await Process.Exited.WaitAsync(cancel);
                await output.WriteLineAsync($"{name}, process {Process.Id}, ended with code {code}; its log is {Process.LogFile}");
                if (isLeftDead) return;
                await Task.Delay(pause, cancel);
                await Process.DisposeAsync();
                Process = start(true);
                changed();
                try
                {
                    await Process.ReadyAsync("ready", cancel);
                    await output.WriteLineAsync($"{name} runs again, process {Process.Id}");
                    pause = s_firstPause;
                }
                catch (StartException)
                {
                    pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The cluster stops.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
