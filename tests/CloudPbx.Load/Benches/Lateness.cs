using System.Globalization;
using CloudPbx.Contracts.Ids;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Peers;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>
/// How late packets leave the node at six tenths of what it can carry, while a neighbour collects garbage all the time, on the node's core too: relayed ones after they
/// came, mixed ones after their time on the 20 ms grid. Arrivals are the kernel's time stamps and the generator goes before its neighbours, so that its own turns do not
/// count. The floor is what the C relay is late by in the same minutes: a virtual machine's cores stand still at times, and nobody on them is on time.
/// </summary>
internal sealed class Lateness : IBench
{
    private const double Share = 0.6, Percent = 99.9, MicrosecondsPerSecond = 1e6;
    private const int TrialCalls = 200, MostCalls = 750, TrialParties = 100, MostParties = 300, PacketsPerSecond = 50;

    public string Name => "lateness";

    public string Description => "99.9th percentile of how late relayed and mixed packets are sent at 60 % of the capacity, beside a process that collects garbage";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        Cores.ArrangeEvenly();
        try
        {
            return
            [
                await MeasureAsync("lateness-relay", "ms, 99.9 % of relayed packets", 2, TrialCalls, MostCalls, calls => new MediaTask { IsTimed = true },
                    async calls => await RelayFloor.StartAsync(calls, cancel, isTimed: true), options, progress, cancel),
                await MeasureAsync(
                    "lateness-mix", "ms, 99.9 % of mixed packets", 5, TrialParties / 2, MostParties / 2, calls => new MediaTask { IsTimed = true, Conference = ConferenceId.New() },
                    _ => Task.FromResult<RelayFloor?>(null), options, progress, cancel),
            ];
        }
        finally
        {
            Cores.Arrange();
        }
    }

    private static async Task<BenchResult> MeasureAsync(
        string name, string unit, double goal, int trial, int most, Func<int, MediaTask> task, Func<int, Task<RelayFloor?>> floor, BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        double cost;
        await using (MediaAlone small = await MediaAlone.StartAsync(trial, cancel, task(trial)))
        {
            await Run.OfAsync(small, 0, options.WarmUp);
            cost = (await Run.OfAsync(small, 0, options.Time)).Cost;
        }
        int calls = (int)Math.Clamp(Share * MicrosecondsPerSecond / cost / (2 * PacketsPerSecond), 1, most);
        progress(string.Create(CultureInfo.InvariantCulture, $"{name}: {cost:0.0} µs a packet, {calls} calls"));
        await using MediaAlone media = await MediaAlone.StartAsync(calls, cancel, task(calls));
        await Run.OfAsync(media, 0, options.WarmUp);
        await using RelayFloor? least = await floor(calls);
        using Neighbour neighbour = Neighbour.Start();
        List<double> worst = [], leasts = [];
        double lost = 0;
        for (int run = 0; run < options.Runs; run++)
        {
            Run result = await Run.OfAsync(media, 0, options.Time);
            worst.Add(media.Lateness.Percentile(Percent) / 1000);
            lost = Math.Max(lost, result.Outcome.FailedPercent);
            if (least is null)
                continue;
            await Run.OfAsync(least, 0, options.Time);
            leasts.Add(least.Lateness.Percentile(Percent) / 1000);
        }
        return new BenchResult(name, unit, Median.Of(worst))
        {
            Goal = new Goal(goal, GoalKind.AtMost),
            Floor = leasts.Count > 0 ? Median.Of(leasts) : null,
            Note = string.Create(CultureInfo.InvariantCulture, $"{calls} calls, {calls * 2 * PacketsPerSecond * cost / 1e4:0} % of a core{(calls == most ? ", no more calls than that" : "")}; {lost:0.0} % lost"),
        };
    }
}
