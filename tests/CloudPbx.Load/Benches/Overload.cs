using System.Globalization;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>Three times the call rate that the product can sustain: what it still completes, how it refuses the rest, and whether it recovers.</summary>
internal sealed class Overload : IBench
{
    private const int RegisteringUsers = 1000;              // whom nobody calls
    private const double Times = 3, FirstRate = 100, Step = 1.3, RegistrationsPerSecond = 50;
    private const double TolerableFailures = 0.1, TolerableMicroseconds = 500_000;
    private static readonly TimeSpan s_search = TimeSpan.FromSeconds(4), s_overload = TimeSpan.FromSeconds(60), s_pause = TimeSpan.FromSeconds(10);

    public string Name => "overload";

    public string Description => "three times the highest sustained call rate for 60 s: calls completed, 503 with Retry-After, REGISTER, memory, set-up 10 s later";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        await using ClusterProduct product = await ClusterProduct.StartAsync(progress, cancel);
        using CallLoad calls = new(product.Udp, direct: false, users: Phonebook.Users - RegisteringUsers);
        using RegisterLoad registrations = new(product.Udp, RegisteringUsers);
        progress("registering the called phones");
        await calls.RegisterAsync(cancel);
        await calls.RunAsync(FirstRate, options.WarmUp);

        double sustained = options.Rate ?? await SearchAsync(calls, progress, cancel);
        LoadOutcome before = await calls.RunAsync(sustained / 2, s_search);
        double setUpBefore = calls.SetUp.Percentile(50);
        progress(string.Create(CultureInfo.InvariantCulture, $"sustained {sustained:0} calls/s ({before.FailedPercent:0.00} % failed at half); now {Times * sustained:0}/s for {s_overload.TotalSeconds:0} s"));

        await using MemoryWatch memory = new(product.Subjects);
        Task<LoadOutcome> registering = registrations.RunAsync(RegistrationsPerSecond, s_overload);
        LoadOutcome over = await calls.RunAsync(Times * sustained, s_overload);
        LoadOutcome registered = await registering;
        (long answered, long refused, long withRetryAfter, long byEdge, string refusals) = (calls.AnsweredCalls, calls.Refused, calls.RefusedWithRetryAfter, calls.RefusedByEdge, calls.Refusals);
        (long growth, string growthOfEach) = (memory.Growth, memory.GrowthOfEach);

        progress($"{over.Completed} of {over.Started} completed, {refused} refused; waiting {s_pause.TotalSeconds:0} s");
        await Task.Delay(s_pause, cancel);
        LoadOutcome after = await calls.RunAsync(sustained / 2, s_search);

        double perSecond = over.Completed / s_overload.TotalSeconds;
        long uncompleted = over.Started - over.Completed;
        return
        [
            new BenchResult("overload-sustained", "calls/s", sustained) { Note = "highest rate with < 0.1 % failed and p99 < 0.5 s" },
            new BenchResult("overload-completed", "% of the sustained rate", 100 * perSecond / sustained)
            {
                Goal = new Goal(90, GoalKind.AtLeast), Note = string.Create(CultureInfo.InvariantCulture, $"at {Times * sustained:0} calls/s for {s_overload.TotalSeconds:0} s, {over.LeftOut} left out by the generator"),
            },
            new BenchResult("overload-refused", "% of the others got 503 with Retry-After", uncompleted == 0 ? 100 : 100.0 * withRetryAfter / uncompleted)
            {
                Goal = new Goal(99, GoalKind.AtLeast), Note = $"{uncompleted} others, {refusals}; {byEdge} were refused by the edge",
            },
            new BenchResult("overload-register", "% of REGISTERs served meanwhile", 100 - registered.FailedPercent) { Goal = new Goal(99, GoalKind.AtLeast), Note = "the load repeats nothing, a phone would" },
            new BenchResult("overload-in-dialog", "% of answered calls whose BYE was served", answered == 0 ? 0 : 100.0 * over.Completed / answered) { Goal = new Goal(99, GoalKind.AtLeast) },
            new BenchResult("overload-memory", "MiB more than before, at most", growth / 1024.0) { Goal = new Goal(256, GoalKind.AtMost), Note = growthOfEach },
            new BenchResult("overload-recovery", "times the set-up time before, 10 s later", calls.SetUp.Percentile(50) / Math.Max(1, setUpBefore))
            {
                Goal = new Goal(1.5, GoalKind.AtMost),
                Note = string.Create(CultureInfo.InvariantCulture, $"{setUpBefore / 1000:0.0} ms before, {calls.SetUp.Percentile(50) / 1000:0.0} ms after, {after.FailedPercent:0.00} % failed {calls.Refusals}"),
            },
        ];
    }

    /// <summary>Up by <see cref="Step"/> until it fails, then three halvings.</summary>
    private static async Task<double> SearchAsync(CallLoad calls, Action<string> progress, CancellationToken cancel)
    {
        double good = 0, bad = double.PositiveInfinity, rate = FirstRate;
        for (int halvings = 0; halvings < 3;)
        {
            cancel.ThrowIfCancellationRequested();
            LoadOutcome outcome = await calls.RunAsync(rate, s_search);
            bool well = outcome.FailedPercent < TolerableFailures && outcome.WorstMicroseconds < TolerableMicroseconds && outcome.LeftOut < outcome.Started / 50;
            progress(string.Create(CultureInfo.InvariantCulture, $"{rate:0} calls/s: {(well ? "borne" : "too much")}, {outcome.FailedPercent:0.00} % failed, p99 {outcome.WorstMicroseconds / 1000:0} ms {calls.Refusals}"));
            if (well)
                good = rate;
            else
                bad = rate;
            if (rate < 2)
                throw new InvalidOperationException("not even two calls per second are borne");
            if (good == 0)
                rate /= 2;
            else if (double.IsPositiveInfinity(bad))
                rate *= Step;
            else
                (rate, halvings) = ((good + bad) / 2, halvings + 1);
            await Task.Delay(well ? 0 : 3000, cancel);       // what was too much drains before the next try
        }
        return good;
    }
}
