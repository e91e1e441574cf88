using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>Octets on the heap for each packet in the media node and each message in the edge.</summary>
internal sealed class Allocations : IBench
{
    private const int Calls = 200;
    private const double MessagesPerSecond = 4000;

    public string Name => "allocations";

    public string Description => "octets allocated per relayed packet in the media node, and per SIP message in the edge";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        progress("media");
        await using MediaAlone media = await MediaAlone.StartAsync(Calls, cancel);
        double perPacket = await MeasureAsync(media, media.MetricsPort, 0, options, cancel);
        progress("edge");
        await using EdgeAlone edge = await EdgeAlone.StartAsync(cancel);
        double perMessage = await MeasureAsync(edge, edge.MetricsPort, options.Rate ?? MessagesPerSecond, options, cancel);
        return
        [
            new BenchResult("allocations-relay", "octets per relayed packet", perPacket) { Goal = new Goal(0.1, GoalKind.AtMost), Note = "of the whole process, less what it allocates idle in the same time" },
            new BenchResult("allocations-edge", "octets per forwarded message", perMessage) { Goal = new Goal(128, GoalKind.AtMost) },
        ];
    }

    private static async Task<double> MeasureAsync(ISubject subject, int metricsPort, double perSecond, BenchOptions options, CancellationToken cancel)
    {
        using AllocationCounter counter = new(metricsPort);
        await subject.LoadAsync(perSecond, options.WarmUp);
        double start = await counter.ReadAsync(cancel);
        await Task.Delay(options.Time, cancel);
        double idle = await counter.ReadAsync(cancel) - start;          // the control connection's pings, and reading the metrics
        List<double> runs = [];
        for (int run = 0; run < options.Runs; run++)
        {
            double before = await counter.ReadAsync(cancel);
            LoadOutcome outcome = await subject.LoadAsync(perSecond, options.Time);
            runs.Add((await counter.ReadAsync(cancel) - before - idle) / Math.Max(1, outcome.Units));
        }
        return Median.Of(runs);
    }
}
