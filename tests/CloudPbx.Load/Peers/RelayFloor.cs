using System.Globalization;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Peers;

/// <summary>The C relay of <c>relay.c</c>, compiled when the bench runs.</summary>
internal sealed class RelayFloor : ISubject
{
    private const int FirstPort = 2000;

    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly RtpLoad _load;

    private RelayFloor(ChildProcess process, string folder, RtpLoad load) => (_process, _folder, _load) = (process, folder, load);

    public string Name => "C relay";

    public IReadOnlyList<int> Processes => [_process.Id];

    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>How late the packets of the last run were.</summary>
    public Latencies Lateness => _load.Lateness;

    /// <summary>Compiles and starts it.</summary>
    /// <param name="calls">Two parties each.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="isTimed">Whether <see cref="Lateness"/> is measured.</param>
    public static async Task<RelayFloor> StartAsync(int calls, CancellationToken cancel, bool isTimed = false)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        string source = Path.Combine(folder, "relay.c"), program = Path.Combine(folder, "relay");
        await File.WriteAllTextAsync(source, Embedded.Text("relay.c"), cancel);
        (int code, string output) = await ChildProcess.RunAsync(
            [Tools.Find("gcc") ?? throw new FileNotFoundException("gcc is not installed"), "-O2", "-o", program, source], folder, deadline: TimeSpan.FromSeconds(60), cancel: cancel);
        if (code != 0)
            throw new InvalidOperationException($"gcc: {output}");
        RtpLoad load = new(calls, isTimed: isTimed);
        for (int party = 0; party < load.Count; party++)
            load.Connect(party, FirstPort + party);
        ChildProcess process = ChildProcess.Start(
            [.. Cores.Subject, program, FirstPort.ToString(CultureInfo.InvariantCulture)], folder,
            input: string.Join('\n', Enumerable.Range(0, load.Count).Select(party => load.PortOf(party))));
        RelayFloor floor = new(process, folder, load);
        if (await process.Output.WaitAsync(line => line == "ready", 0, TimeSpan.FromSeconds(20), cancel) is not null)
            return floor;
        string tail = process.Tail();
        await floor.DisposeAsync();
        throw new InvalidOperationException($"the C relay did not start.{Environment.NewLine}{tail}");
    }

    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => _load.RunAsync(time);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _load.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
