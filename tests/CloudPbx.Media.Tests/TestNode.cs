using System.Threading.Channels;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests;

/// <summary>A media node in process, reached as call control reaches it: over a Unix socket.</summary>
internal sealed class TestNode : IAsyncDisposable, IMediaEvents
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly IHost _app;
    private readonly Channel<string> _reports = Channel.CreateUnbounded<string>();
    private readonly Channel<(LegId, bool)> _speaking = Channel.CreateUnbounded<(LegId, bool)>();

    private TestNode(IHost app, string socket)
    {
        _app = app;
        Socket = socket;
        Client = NewClient(this);
    }

    public string Socket { get; }

    public MediaControlClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public MediaNode Node => _app.Services.GetRequiredService<MediaNode>();

    public static async Task<TestNode> StartAsync(TimeProvider? time = null, string? socket = null, params (string Name, string Value)[] settings)
    {
        socket ??= Path.Combine(Path.GetTempPath(), $"cloudpbx-media-{Guid.NewGuid():N}.sock");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        var values = new Dictionary<string, string?>
        {
            ["Media:Control"] = "unix:" + socket,
            ["Media:FirstPort"] = "21000",
            ["Media:LastPort"] = "28999",
            ["Media:Loops"] = "1",
        };
        foreach ((string name, string value) in settings)
            values[name.StartsWith("Blobs:", StringComparison.Ordinal) ? name : "Media:" + name] = value;
        builder.Configuration.AddInMemoryCollection(values);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.AddMedia();
        IHost app = builder.Build();
        await app.StartAsync();
        var node = new TestNode(app, socket);
        node.Client.Start();
        await node.Client.WaitForConnectionAsync(CancellationToken.None).WaitAsync(s_patience);
        return node;
    }

    public MediaControlClient NewClient(IMediaEvents events, string? name = null) => new(
        new MediaControlClientOptions { Node = new Uri("unix:" + Socket), Controller = name ?? Guid.NewGuid().ToString("N") },
        events, TimeProvider.System, NullLogger<MediaControlClient>.Instance);

    public static CallId NewCall() => CallId.New();

    /// <summary>The next report of the node, as text.</summary>
    public async Task<string> ReportAsync() => await _reports.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    public bool HasReport => _reports.Reader.TryPeek(out _);

    public void DigitReceived(LegId leg, char digit, int durationMs) => _reports.Writer.TryWrite($"digit {digit} {durationMs} leg {leg.Leg}");

    public void LegSilent(LegId leg) => _reports.Writer.TryWrite($"silent leg {leg.Leg}");

    public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit) => _reports.Writer.TryWrite($"played {name} {end}{(digit is { } key ? $" {key}" : "")} leg {leg.Leg}");

    public void SpeakingChanged(LegId leg, bool speaks) => _speaking.Writer.TryWrite((leg, speaks));

    /// <summary>The next report of who speaks.</summary>
    public async Task<(LegId Leg, bool Speaks)> SpeakingAsync() => await _speaking.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    public void NodeLost() => _reports.Writer.TryWrite("lost");

    /// <summary>Stops the node only; the client stays and tries to reconnect.</summary>
    public async Task StopNodeAsync()
    {
        await _app.StopAsync();
        _app.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _app.StopAsync();
        _app.Dispose();
        File.Delete(Socket);
    }
}
