using System.Globalization;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>What something costs more than the plain thing: both by the product, in turn, on the same load; the result is the difference of the medians.</summary>
internal sealed class Surcharge : IBench
{
    private static readonly TimeSpan s_longestPlain = TimeSpan.FromMinutes(1);   // a run of ten minutes is about the other side's garbage collections

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string Unit { get; init; }

    public required double Rate { get; init; }

    public required Goal Goal { get; init; }

    public required Func<CancellationToken, Task<ISubject>> Plain { get; init; }

    public required Func<CancellationToken, Task<ISubject>> More { get; init; }

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        double rate = options.Rate ?? Rate;
        await using ISubject plain = await Plain(cancel);
        await using ISubject more = await More(cancel);
        ISubject[] sides = [plain, more];
        List<double>[] costs = [[], []];
        List<string> notes = [];
        foreach (ISubject side in sides)
            await Run.OfAsync(side, rate, options.WarmUp);
        using AllocationCounter? counter = more is MediaAlone media ? new AllocationCounter(media.MetricsPort, AllocationCounter.Collections) : null;
        double before = counter is null ? 0 : await counter.ReadAsync(cancel);
        for (int run = 0; run < options.Runs; run++)
        {
            for (int side = 0; side < sides.Length; side++)
            {
                cancel.ThrowIfCancellationRequested();
                Run result = await Run.OfAsync(sides[side], rate, side == 0 && options.Time > s_longestPlain ? s_longestPlain : options.Time);
                costs[side].Add(result.Cost);
                progress(string.Create(CultureInfo.InvariantCulture, $"{(side == 0 ? "plain" : "more"),-6} run {run + 1}: {result.Cost:0.00} µs, {result.Outcome.FailedPercent:0.0} % lost"));
                if (result.Outcome.FailedPercent >= 0.1)
                    notes.Add(string.Create(CultureInfo.InvariantCulture, $"{result.Outcome.FailedPercent:0.0} % lost in one run"));
            }
        }
        if (counter is not null)
        {
            double collections = await counter.ReadAsync(cancel) - before;
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{collections:0} garbage collections in {options.Runs * options.Time.TotalSeconds:0} s of it"));
        }
        (double without, double with) = (Median.Of(costs[0]), Median.Of(costs[1]));
        notes.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{with:0.00} with it, {without:0.00} without"));
        return [new BenchResult(Name, Unit, with - without) { Goal = Goal, Note = string.Join("; ", notes) }];
    }
}
