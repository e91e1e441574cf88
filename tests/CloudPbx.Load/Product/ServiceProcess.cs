using System.Net;
using CloudPbx.Load.Measuring;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Product;

/// <summary>One of the product's services as a process of its own, as it was built with the bench.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ChildProcess _process;

    private ServiceProcess(ChildProcess process, string name, int httpPort, int metricsPort) =>
        (_process, Name, HttpPort, MetricsPort) = (process, name, httpPort, metricsPort);

    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <summary>Where it answers <c>/health</c> (and Api <c>/v1</c>).</summary>
    public int HttpPort { get; }

    /// <summary>Where it tells <c>/metrics</c>.</summary>
    public int MetricsPort { get; }

    /// <summary>Starts a service; it may not be ready yet.</summary>
    /// <param name="name">Edge, CallControl, Media or Api.</param>
    /// <param name="cores">Where it runs.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="settings">Its configuration, with <c>__</c> between the sections.</param>
    public static ServiceProcess Start(string name, string[] cores, string folder, IEnumerable<KeyValuePair<string, string>> settings)
    {
        int port = FreePort.Tcp(), metrics = FreePort.Tcp();
        Dictionary<string, string?> environment = settings.ToDictionary(s => s.Key, s => (string?)s.Value);
        environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        environment["DOTNET_ENVIRONMENT"] = "Production";
        environment["Management__Listen"] = $"127.0.0.1:{metrics}";
        return new ServiceProcess(ChildProcess.Start([.. cores, Programs.Service(name)], folder, environment), name, port, metrics);
    }

    /// <summary>Waits for <c>/health/ready</c>.</summary>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromSeconds(2) };
        DateTime deadline = DateTime.UtcNow + s_patience;
        string last = "no answer";
        while (DateTime.UtcNow < deadline && !_process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancel);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
                last = await answer.Content.ReadAsStringAsync(cancel);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                last = e.Message;
            }
            await Task.Delay(50, cancel);
        }
        throw new InvalidOperationException($"{Name} is not ready: {last}{Environment.NewLine}{_process.Tail()}");
    }

    public string Tail() => _process.Tail();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
