using System.Diagnostics;
using System.Globalization;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>Somebody tries one extension after the other, as happens to every address of the Internet: what that takes of a processor from those who telephone (SECURITY.md S2).</summary>
/// <remarks>Not by SIPVicious itself, which gives up at our first answer: its requests at five times its usual rate. The edge's limits are those that its users have.</remarks>
internal sealed class Scan : IBench
{
    private const double RequestsPerSecond = 1000;
    private static readonly string[] s_methods = ["OPTIONS", "REGISTER", "INVITE"];

    public string Name => "scan";

    public string Description => "a scanner tries 1,000 extensions a second of a domain that it knows: what edge, worker and media node take of one processor meanwhile, for each method";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        await using ClusterProduct product = await ClusterProduct.StartAsync(progress, cancel, isGuarded: true);
        double rate = options.Rate ?? RequestsPerSecond;
        List<(string Method, double Share, double Answered)> scans = [];
        foreach (string method in s_methods)
        {
            using ScanLoad scanner = new(product.Udp, Phonebook.DomainOf(0), method);
            await scanner.RunAsync(rate, options.WarmUp);         // what a source may send at once is used up by then
            List<double> shares = [], answered = [];
            for (int run = 0; run < options.Runs; run++)
            {
                shares.Add(await ShareAsync(product, async () =>
                {
                    LoadOutcome outcome = await scanner.RunAsync(rate, options.Time);
                    answered.Add(100 - outcome.FailedPercent);
                }));
                progress(string.Create(CultureInfo.InvariantCulture, $"{method} run {run + 1}: {shares[^1]:0.0} %, {answered[^1]:0} % answered"));
            }
            scans.Add((method, Median.Of(shares), Median.Of(answered)));
        }
        // Last, when everything is compiled.
        double idle = await ShareAsync(product, () => Task.Delay(options.WarmUp + options.Time, cancel));
        return [.. scans.Select(scan => new BenchResult($"scan-{scan.Method.ToLowerInvariant()}", "% of a processor more than when nothing comes", scan.Share - idle)
        {
            Goal = new Goal(5, GoalKind.AtMost),
            Note = string.Create(CultureInfo.InvariantCulture, $"{rate:0} requests/s, of which {scan.Answered:0} % were answered; {idle:0.0} % when nothing comes"),
        })];
    }

    private static async Task<double> ShareAsync(ClusterProduct product, Func<Task> during)
    {
        (long begun, long used) = (Stopwatch.GetTimestamp(), ProcessClock.Nanoseconds(product.Subjects.Values));
        await during();
        return (ProcessClock.Nanoseconds(product.Subjects.Values) - used) / Stopwatch.GetElapsedTime(begun).TotalNanoseconds * 100;
    }
}
