using System.Diagnostics;
using System.Globalization;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Benches;

/// <summary>How long all-in-one takes from its start to ready.</summary>
internal sealed class StartBench : IBench
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    public string Name => "start";

    public string Description => "seconds from the start of all-in-one to ready, the first time (keys, database, demo tenant) and again";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        List<(double Wall, double Processor)> first = [], again = [];
        for (int run = 0; run < options.Runs; run++)
        {
            string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
            try
            {
                first.Add(await StartAsync(folder, cancel));
                again.Add(await StartAsync(folder, cancel));
                progress(string.Create(CultureInfo.InvariantCulture, $"run {run + 1}: {first[^1].Wall:0.0} s the first time, {again[^1].Wall:0.0} s again"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        return [Sum("start-first", first), Sum("start", again)];
    }

    private static BenchResult Sum(string name, List<(double Wall, double Processor)> runs) => new(name, "s from start to ready", Median.Of(runs.Select(r => r.Wall)))
    {
        Goal = new Goal(5, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"{Median.Of(runs.Select(r => r.Processor)):0.0} s of processor time in it"),
    };

    private static async Task<(double Wall, double Processor)> StartAsync(string folder, CancellationToken cancel)
    {
        int port = FreePort.Pair();
        long begun = Stopwatch.GetTimestamp();
        // All cores: a start is not a load, and an operator does not pin it.
        await using ChildProcess process = ChildProcess.Start(
            ["taskset", "-c", $"0-{Environment.ProcessorCount - 1}", Programs.AllInOne, "run", "--data", folder, "--sip-port", $"{port}", "--tls-port", $"{port + 1}", "--https-port", "0",
                "--media-ports", "4000-4799"],
            folder);
        if (await process.Output.WaitAsync(line => line.StartsWith("CloudPbx is ready", StringComparison.Ordinal), 0, s_patience, cancel) is null)
            throw new InvalidOperationException($"all-in-one did not start.{Environment.NewLine}{process.Tail()}");
        return (Stopwatch.GetElapsedTime(begun).TotalSeconds, ProcessClock.Nanoseconds(ProcessTree.Of(process.Id)) / 1e9);
    }
}
