using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Sip;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Peers;

/// <summary>rtpengine of the Debian package in user space, one worker thread, with the same calls up.</summary>
internal sealed class Rtpengine : ISubject
{
    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly RtpLoad _load;

    private readonly MediaTask _task;

    private Rtpengine(ChildProcess process, string folder, RtpLoad load, MediaTask task) => (_process, _folder, _load, _task) = (process, folder, load, task);

    public string Name => "rtpengine";

    public IReadOnlyList<int> Processes { get; private set; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; } = new Dictionary<string, IReadOnlyList<int>>();


    /// <summary>Starts it and sets the calls up.</summary>
    /// <param name="calls">Two parties each.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="task">What it does with them, of what it can do: encryption and transcoding.</param>
    public static async Task<Rtpengine> StartAsync(int calls, CancellationToken cancel, MediaTask? task = null)
    {
        task ??= new MediaTask();
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        int control = FreePort.Udp();
        // Debian starts services with few descriptors; the limit is raised as its unit file does.
        ChildProcess process = ChildProcess.Start(
            [.. Cores.Subject, "sh", "-c", "ulimit -n $(ulimit -H -n); exec \"$@\"", "sh",
                Tools.Find("rtpengine") ?? throw new FileNotFoundException("rtpengine is not installed"),
                "--config-file=none", "--table=-1", "--interface=127.0.0.1", $"--listen-ng=127.0.0.1:{control}", "--foreground", "--log-stderr", "--log-level=3",
                "--num-threads=1", "--port-min=18000", "--port-max=31999", "--timeout=3600", "--silent-timeout=3600", "--delete-delay=0", $"--pidfile={folder}/pid"],
            folder, new Dictionary<string, string?> { ["LC_ALL"] = "C" });
        Rtpengine engine = new(process, folder, new RtpLoad(calls, task.Caller, task.Called, task.IsEncrypted), task);
        try
        {
            await Task.Run(() => engine.Prepare(control, calls), cancel);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>The calls last; the rate is theirs.</summary>
    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => _load.RunAsync(time);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _load.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Prepare(int control, int calls)
    {
        using NgClient client = new(control);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                client.Send(new Dictionary<string, object> { ["command"] = "ping" });
                break;
            }
            catch (IOException) when (attempt < 20 && !_process.HasExited)
            {
                // It is starting.
            }
        }
        Processes = ProcessTree.Of(_process.Id);
        for (int call = 0; call < calls; call++)
        {
            int called = PortOf(client.Send(Command("offer", call, TestSdp.Of(_task.Caller, _load.PortOf(2 * call), _load.KeyOf(2 * call)))));
            int caller = PortOf(client.Send(Command("answer", call, TestSdp.Of(_task.Called, _load.PortOf((2 * call) + 1)))));
            _load.Connect(2 * call, caller);
            _load.Connect((2 * call) + 1, called);
        }
    }

    private Dictionary<string, object> Command(string command, int call, string sdp)
    {
        Dictionary<string, object> map = new()
        {
            ["command"] = command, ["call-id"] = $"call{call}", ["from-tag"] = $"f{call}", ["ICE"] = "remove", ["rtcp-mux"] = new[] { "demux" }, ["replace"] = new[] { "origin" },
            ["sdp"] = sdp,
        };
        if (command == "answer")
            map["to-tag"] = $"t{call}";
        if (command == "offer" && _task.IsEncrypted)
            map["transport-protocol"] = "RTP/AVP";
        if (command == "offer" && _task.Caller.Name != _task.Called.Name)
            map["codec"] = new Dictionary<string, object> { ["mask"] = new[] { _task.Caller.Name }, ["transcode"] = new[] { _task.Called.Name } };
        return map;
    }

    private int PortOf(IReadOnlyDictionary<string, string> answer) => answer.GetValueOrDefault("result") == "ok"
        ? TestSdp.PortIn(answer["sdp"])
        : throw new InvalidOperationException($"rtpengine refused a call: {answer.GetValueOrDefault("error-reason")}{Environment.NewLine}{_process.Tail()}");
}
