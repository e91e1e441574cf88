using System.Threading.Channels;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting;
using CloudPbx.Media.Control;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests;

/// <summary>A media node in process, reached as call control reaches it: over a Unix socket, or by gRPC.</summary>
internal sealed class TestNode : IAsyncDisposable, IMediaEvents
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly IHost _app;
    private readonly Channel<string> _reports = Channel.CreateUnbounded<string>();
    private readonly Channel<(LegId, bool)> _speaking = Channel.CreateUnbounded<(LegId, bool)>();

    private readonly ClientTlsOptions? _tls;

    private TestNode(IHost app, string socket, Uri address, ClientTlsOptions? tls)
    {
        _app = app;
        _tls = tls;
        Socket = socket;
        Address = address;
        Client = NewClient(this);
    }

    public string Socket { get; }

    /// <summary>What its client dials.</summary>
    public Uri Address { get; }

    public MediaControlClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public MediaNode Node => _app.Services.GetRequiredService<MediaNode>();

    /// <summary>Starts a node whose client comes by one of the carriages.</summary>
    /// <param name="carriage">By which.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="former">A node that has ended, whose addresses this one takes.</param>
    /// <param name="settings">More settings.</param>
    public static Task<TestNode> StartAsync(Carriage carriage, TimeProvider? time = null, TestNode? former = null, params (string Name, string Value)[] settings) => StartAsync(
        time, former?.Socket, carriage == Carriage.Own ? settings : [("Grpc", former is null ? "http://127.0.0.1:0" : former.Address.OriginalString), .. settings]);

    public static Task<TestNode> StartAsync(TimeProvider? time = null, string? socket = null, params (string Name, string Value)[] settings) => StartAsync(null, time, socket, settings);

    /// <summary>Starts a node whose log is looked at.</summary>
    public static Task<TestNode> StartAsync(ILoggerProvider log) => StartAsync(log, null, null);

    private static async Task<TestNode> StartAsync(ILoggerProvider? log, TimeProvider? time, string? socket, params (string Name, string Value)[] settings)
    {
        socket ??= Path.Combine(Path.GetTempPath(), $"cloudpbx-media-{Guid.NewGuid():N}.sock");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        var values = new Dictionary<string, string?>
        {
            ["Media:Control"] = "unix:" + socket,
            ["Media:FirstPort"] = "21000",
            ["Media:LastPort"] = "28999",
            ["Media:Loops"] = "1",
        };
        ClientTlsOptions? tls = null;
        foreach ((string name, string value) in settings)
        {
            if (name == "Client:AuthoritiesPath")
                (tls ??= new()).AuthoritiesPath = value;
            else if (name == "Client:CertificatePath")
                (tls ??= new()).CertificatePath = value;
            else
                values[name.StartsWith("Blobs:", StringComparison.Ordinal) ? name : "Media:" + name] = value;
        }
        builder.Configuration.AddInMemoryCollection(values);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.AddMedia();
        IHost app = builder.Build();
        try
        {
            await app.StartAsync();
        }
        catch
        {
            app.Dispose();
            throw;
        }
        var node = new TestNode(app, socket, new Uri(app.Services.GetService<GrpcListener>()?.Address ?? "unix:" + socket), tls);
        node.Client.Start();
        await node.Client.WaitForConnectionAsync(CancellationToken.None).WaitAsync(s_patience);
        return node;
    }

    public MediaControlClient NewClient(IMediaEvents events, string? name = null) => new(
        new MediaControlClientOptions { Node = Address, Tls = _tls is null ? null : _tls.Read, Controller = name ?? Guid.NewGuid().ToString("N") },
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

    /// <summary>A listener that listens to nothing.</summary>
    internal sealed class NoEvents : IMediaEvents
    {
        public void DigitReceived(LegId leg, char digit, int durationMs)
        {
        }

        public void LegSilent(LegId leg)
        {
        }

        public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit)
        {
        }

        public void SpeakingChanged(LegId leg, bool speaks)
        {
        }

        public void NodeLost()
        {
        }
    }
}
