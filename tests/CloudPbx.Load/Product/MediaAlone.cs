using System.Net;
using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Sip;
using CloudPbx.MediaControl;
using CloudPbx.TestKit.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Load.Product;

/// <summary>A media process with many calls up; this program is its controller and both parties of each call.</summary>
internal sealed class MediaAlone : ISubject
{
    private readonly string _folder;
    private readonly ServiceProcess _media;
    private readonly MediaControlClient _control;
    private readonly RtpLoad _load;
    private readonly MediaTask _task;

    private MediaAlone(string folder, ServiceProcess media, MediaControlClient control, RtpLoad load, MediaTask task) =>
        (_folder, _media, _control, _load, _task) = (folder, media, control, load, task);

    public string Name => "media";

    /// <summary>Where its metrics are.</summary>
    public int MetricsPort => _media.MetricsPort;

    public IReadOnlyList<int> Processes => [_media.ProcessId];

    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; } = new Dictionary<string, IReadOnlyList<int>>();


    /// <summary>Starts it and sets the calls up.</summary>
    /// <param name="calls">Two parties each.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="task">What it does with them; null: it relays A-law in clear.</param>
    public static async Task<MediaAlone> StartAsync(int calls, CancellationToken cancel, MediaTask? task = null)
    {
        task ??= new MediaTask();
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        int control = FreePort.Tcp();
        ServiceProcess media = ServiceProcess.Start("Media", Cores.Subject, folder, [.. MediaSettings.Alone($"tcp://127.0.0.1:{control}"), new("Media__RecordingFolder", Path.Combine(folder, "recordings"))]);
        MediaControlClient client = new(
            new MediaControlClientOptions { Node = new Uri($"tcp://127.0.0.1:{control}") }, new NoEvents(), TimeProvider.System, NullLogger<MediaControlClient>.Instance);
        MediaAlone alone = new(folder, media, client, new RtpLoad(calls, task.Caller, task.Called, task.IsEncrypted, task.IsTimed), task);
        try
        {
            client.Start();
            await client.WaitForConnectionAsync(cancel).WaitAsync(TimeSpan.FromSeconds(60), cancel);
            for (int call = 0; call < calls; call++)
                await alone.CallAsync(call, cancel);
            return alone;
        }
        catch
        {
            await alone.DisposeAsync();
            throw;
        }
    }

    /// <summary>How late the packets of the last run were.</summary>
    public Latencies Lateness => _load.Lateness;

    /// <summary>The calls last; the rate is theirs.</summary>
    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => _load.RunAsync(time);

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _media.DisposeAsync();
        _load.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // As call control does it: the caller's offer is kept, the called phone is offered the like, and the caller is answered after it.
    private async Task CallAsync(int call, CancellationToken cancel)
    {
        CallId id = CallId.New();
        LegId caller = new(id, 0), called = new(id, 1);
        LegPolicy policy = new() { Codecs = [_task.Called.Name], Srtp = SrtpPolicy.Off, TelephoneEvent = false, PeerSignallingAddress = IPAddress.Loopback, Nat = NatMode.Off };
        LegPolicy callers = policy with { Codecs = [_task.Caller.Name], Srtp = _task.IsEncrypted ? SrtpPolicy.Optional : SrtpPolicy.Off };
        Check(await _control.ReceiveOfferAsync(caller, callers, TestSdp.Of(_task.Caller, _load.PortOf(2 * call), _load.KeyOf(2 * call)), cancel));
        Check(await _control.OfferAsync(called, policy, caller, cancel));
        LegDescription second = Check(await _control.ReceiveAnswerAsync(called, TestSdp.Of(_task.Called, _load.PortOf((2 * call) + 1)), cancel));
        LegDescription first = Check(await _control.AnswerAsync(caller, called, cancel));
        if (_task.Conference is { } room)
        {
            foreach (LegId leg in (LegId[])[caller, called])
                await _control.JoinAsync(leg, new ConferencePlace { Conference = room }, cancel);
        }
        else
        {
            await _control.BridgeAsync(caller, called, cancel);
        }
        if (_task.IsRecorded && await _control.RecordAsync(NewRecording(id), cancel) is not null)
            throw new InvalidOperationException($"the media node does not record{Environment.NewLine}{_media.Tail()}");
        _load.Connect(2 * call, TestSdp.PortIn(first.LocalSdp!));
        _load.Connect((2 * call) + 1, TestSdp.PortIn(second.LocalSdp!));
    }

    private static RecordingRequest NewRecording(CallId call) => new()
    {
        Recording = RecordingId.New(), Session = call, Tenant = TenantId.New(), Key = RandomNumberGenerator.GetBytes(32), Left = 0, Right = 1,
    };

    private LegDescription Check(LegDescription leg) =>
        leg.Accepted ? leg : throw new InvalidOperationException($"the media node refused a leg: {leg.Fault}{Environment.NewLine}{_media.Tail()}");

    private sealed class NoEvents : IMediaEvents
    {
        public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit)
        {
        }

        public void SpeakingChanged(LegId leg, bool speaks)
        {
        }

        public void DigitReceived(LegId leg, char digit, int durationMs)
        {
        }

        public void LegSilent(LegId leg)
        {
        }

        public void NodeLost()
        {
        }
    }
}
