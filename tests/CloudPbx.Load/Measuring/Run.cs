using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Measuring;

/// <summary>What one run cost.</summary>
/// <param name="Outcome">What the load says.</param>
/// <param name="Cost">Processor time of the subject for each unit, in microseconds.</param>
/// <param name="OtherCosts">The same of its helpers and of the generator.</param>
internal sealed record Run(LoadOutcome Outcome, double Cost, IReadOnlyDictionary<string, double> OtherCosts)
{
    /// <summary>Runs a load once and counts the time that it took of each process.</summary>
    public static async Task<Run> OfAsync(ISubject subject, double perSecond, TimeSpan time)
    {
        Dictionary<string, IReadOnlyList<int>> others = new(subject.Others) { ["generator"] = [Environment.ProcessId] };
        long before = ProcessClock.Nanoseconds(subject.Processes);
        Dictionary<string, long> otherBefore = others.ToDictionary(o => o.Key, o => ProcessClock.Nanoseconds(o.Value));
        LoadOutcome outcome = await subject.LoadAsync(perSecond, time);
        double units = Math.Max(1, outcome.Units);
        return new Run(
            outcome,
            (ProcessClock.Nanoseconds(subject.Processes) - before) / 1000.0 / units,
            others.ToDictionary(o => o.Key, o => (ProcessClock.Nanoseconds(o.Value) - otherBefore[o.Key]) / 1000.0 / units));
    }
}
