using System.Globalization;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>The product and its peer in turn on the same load: processor time per unit, medians.</summary>
/// <remarks>What is compared is what a unit costs for as long as a service runs. How long that takes to be so, since code is compiled again where it is hot, is told beside it.</remarks>
internal sealed class Comparison : IBench
{
    private const int LongestWarmUp = 25;
    private const double Compiling = 0.02;                        // of what a unit costs: less than that and all that is hot has been compiled for good
    private const double Steady = 0.97;                           // of the cheapest so far: less than that and it still becomes cheaper
    private const int SteadyTimes = 3;                            // one run in which it did not is noise

    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>What is counted, for example <c>µs CPU per message</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Units begun per second.</summary>
    public required double Rate { get; init; }

    /// <summary>What is to be reached.</summary>
    public required Goal Goal { get; init; }

    /// <summary>How many times the floor it may cost.</summary>
    public double? FloorGoal { get; init; }

    /// <summary>Into what a run is cut, the sides in turn: what the machine does beside then meets all of them, and not one. Null: a run is one piece, since its load has to come up first.</summary>
    public TimeSpan? Slice { get; init; }

    public required Func<CancellationToken, Task<ISubject>> Ours { get; init; }

    /// <summary>Null where this machine's distribution serves none.</summary>
    public Func<CancellationToken, Task<ISubject>>? Peer { get; init; }

    /// <summary>What nobody can be faster than.</summary>
    public Func<CancellationToken, Task<ISubject>>? Floor { get; init; }

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        double rate = options.Rate ?? Rate;
        List<ISubject> sides = [];
        try
        {
            foreach (Func<CancellationToken, Task<ISubject>>? start in new[] { Ours, options.OursOnly ? null : Peer, options.OursOnly ? null : Floor })
            {
                if (start is null)
                    continue;
                progress("starting");
                sides.Add(await start(cancel));
            }
            List<string> notes = [];
            foreach (ISubject side in sides)
            {
                progress($"warming up {side.Name}");
                int times = await WarmUpAsync(side, rate, options, cancel);
                if (times > SteadyTimes + 1)
                    notes.Add(string.Create(CultureInfo.InvariantCulture, $"{side.Name}: warm after {times * options.WarmUp.TotalSeconds:0} s"));
            }
            List<Run>[] runs = [.. sides.Select(_ => new List<Run>())];
            int slices = Slice is { } slice ? Math.Max(1, (int)(options.Time / slice)) : 1;
            for (int run = 0; run < options.Runs; run++)
            {
                for (int part = 0; part < slices; part++)
                {
                    for (int turn = 0; turn < sides.Count; turn++)
                    {
                        int side = part % 2 == 0 ? turn : sides.Count - 1 - turn;       // there and back: nobody always follows the same one
                        cancel.ThrowIfCancellationRequested();
                        runs[side].Add(await Run.OfAsync(sides[side], rate, options.Time / slices));
                    }
                }
                for (int side = 0; side < sides.Count; side++)
                    progress(Line(sides[side], run, runs[side][^slices..]));
            }
            return [Sum(sides, runs, notes)];
        }
        finally
        {
            sides.Reverse();
            foreach (ISubject side in sides)
                await side.DisposeAsync();
        }
    }

    /// <returns>How many times the load ran.</returns>
    private static async Task<int> WarmUpAsync(ISubject side, double rate, BenchOptions options, CancellationToken cancel)
    {
        double least = double.PositiveInfinity;
        for (int times = 1, steady = 0; ; times++)
        {
            cancel.ThrowIfCancellationRequested();
            long compiled = CompilerClock.Nanoseconds(side.Processes);
            Run run = await Run.OfAsync(side, rate, options.WarmUp);
            double cost = run.Cost, compiling = (CompilerClock.Nanoseconds(side.Processes) - compiled) / 1000.0 / Math.Max(1, run.Outcome.Units);
            steady = cost > least * Steady && compiling < cost * Compiling ? steady + 1 : 0;
            if (!options.WarmUpUntilSteady || times == LongestWarmUp || steady == SteadyTimes)
                return times;
            least = Math.Min(least, cost);
        }
    }

    private BenchResult Sum(List<ISubject> sides, List<Run>[] runs, List<string> notes)
    {
        double? MedianOf(int side) => side < runs.Length ? Median.Of(runs[side].Select(r => r.Cost)) : null;
        for (int side = 0; side < sides.Count; side++)
        {
            double failed = runs[side].Max(r => r.Outcome.FailedPercent), left = runs[side].Max(r => 100.0 * r.Outcome.LeftOut / (r.Outcome.Started + r.Outcome.LeftOut));
            if (failed >= 0.1)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{sides[side].Name}: up to {failed:0.0} % lost"));
            if (left >= 2)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{sides[side].Name}: up to {left:0} % of the load left out, the machine is busy"));
        }
        if (FloorGoal is { } times && MedianOf(2) is { } floor)
            notes.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{MedianOf(0) / floor:0.00} times the floor, goal ≤ {times:0.0#}"));
        return new BenchResult(Name, Unit, MedianOf(0)!.Value)
        {
            Peer = MedianOf(1), PeerName = sides.Count > 1 ? sides[1].Name : null, Floor = MedianOf(2), Goal = Goal, Note = string.Join("; ", notes),
            Others = runs[0][0].OtherCosts.Keys.ToDictionary(name => name, name => Median.Of(runs[0].Select(r => r.OtherCosts[name]))),
        };
    }

    private static string Line(ISubject side, int run, IReadOnlyList<Run> parts) => string.Create(CultureInfo.InvariantCulture,
        $"{side.Name,-10} run {run + 1}: {Median.Of(parts.Select(p => p.Cost)),8:0.00} µs, {parts.Sum(p => p.Outcome.Completed)} of {parts.Sum(p => p.Outcome.Started)} completed")
        + string.Create(CultureInfo.InvariantCulture, $", median {Median.Of(parts.Select(p => p.Outcome.LatencyMicroseconds)) / 1000:0.0} ms, p99 {parts.Max(p => p.Outcome.WorstMicroseconds) / 1000:0.0} ms")
        + (parts.LastOrDefault(p => p.Outcome.LastFault != 0) is { } faulty ? $", last fault {faulty.Outcome.LastFault}" : "")
        + (parts.Sum(p => p.Outcome.LeftOut) is > 0 and var left ? $", {left} left out" : "");
}
