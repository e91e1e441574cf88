using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>How quick the REST API is where a tenant has much.</summary>
internal sealed class ApiBench : IBench
{
    private const int Requests = 400, Creations = 200, Readers = 12;

    public string Name => "api";

    public string Description => "the REST API on PostgreSQL with 10,000 extensions and 1,000,000 call records: p95 of lists, searches and creations, mixed reads a second with the load beside it; and how soon programs hear of phones, and calls of changes";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        // API, PostgreSQL and readers on all cores: the figures are with the load beside it.
        Cores.Release();
        try
        {
            return [.. await RunLargeAsync(options, progress, cancel), .. await Reactions.MeasureAsync(progress, cancel)];
        }
        finally
        {
            Cores.Arrange();
        }
    }

    private static async Task<IReadOnlyList<BenchResult>> RunLargeAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        await using ApiOnPostgres api = await ApiOnPostgres.StartAsync(progress, cancel);
        string tenant = $"tenants/{ApiOnPostgres.Tenant}";
        Func<int, string>[] lists = [_ => $"{tenant}/calls?limit=50", i => $"{tenant}/calls?limit=50&after={ApiOnPostgres.Records - (i * 1999 % ApiOnPostgres.Records)}", i => $"{tenant}/extensions?limit=100&after={Extension(i)}"];
        Func<int, string>[] searches =
        [
            i => $"{tenant}/calls?limit=50&number={Extension(i)}", i => $"{tenant}/calls?limit=50&extension={Extension(i)}", i => $"{tenant}/calls?limit=50&number=%2B4930{1_000_000 + (i * 31 % 90_000)}",
            i => $"{tenant}/calls?limit=50&number={Extension(i)}&cause=19", i => $"{tenant}/calls?limit=50&from={Uri.EscapeDataString(DateTime.UtcNow.AddDays(-2 - (i % 60)).ToString("O", CultureInfo.InvariantCulture))}&to={Uri.EscapeDataString(DateTime.UtcNow.AddDays(-1 - (i % 60)).ToString("O", CultureInfo.InvariantCulture))}",
            i => $"{tenant}/calls?limit=50&number=77{i}", i => $"{tenant}/extensions?search=person%20{i}",
        ];
        progress("warming up");
        await ReadAsync(api, [.. lists, .. searches], 60, cancel);
        List<BenchResult> results = [];
        foreach ((string name, Func<int, string>[] addresses) in new[] { ("api-list", lists), ("api-search", searches) })
        {
            progress(name);
            results.Add(new BenchResult(name, "ms, p95 at the client", await ReadAsync(api, addresses, Requests, cancel)) { Goal = new Goal(50, GoalKind.AtMost), Note = await SlowestAsync(api, addresses, cancel) });
        }
        progress("api-create");
        Latencies creations = new();
        for (int i = 0; i < Creations; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            using HttpResponseMessage made = await api.Client.PostAsJsonAsync($"{tenant}/extensions", new { number = $"{30_000 + i}" }, cancel);
            made.EnsureSuccessStatusCode();
            creations.Add((long)Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
        }
        results.Add(new BenchResult("api-create", "ms, p95 at the client", creations.Percentile(95) / 1000) { Goal = new Goal(30, GoalKind.AtMost) });
        progress("api-mixed");
        results.Add(await MixedAsync(api, [.. lists, .. searches, _ => tenant, i => $"{tenant}/extensions/{Extension(i)}"], options, cancel));
        return results;
    }

    private static string Extension(int i) => (ApiOnPostgres.FirstExtension + (i * 271 % ApiOnPostgres.Extensions)).ToString(CultureInfo.InvariantCulture);

    /// <summary>One request after the other; gives the p95 in milliseconds.</summary>
    private static async Task<double> ReadAsync(ApiOnPostgres api, Func<int, string>[] addresses, int count, CancellationToken cancel)
    {
        Latencies latencies = new();
        for (int i = 0; i < count; i++)
            latencies.Add(await TimeAsync(api, addresses[i % addresses.Length](i), cancel));
        return latencies.Percentile(95) / 1000;
    }

    /// <summary>Which of them is the slowest, for whoever wants to make it quicker.</summary>
    private static async Task<string> SlowestAsync(ApiOnPostgres api, Func<int, string>[] addresses, CancellationToken cancel)
    {
        (string Address, double Median) slowest = ("", 0);
        foreach (Func<int, string> address in addresses)
        {
            List<double> times = [];
            for (int i = 0; i < 15; i++)
                times.Add(await TimeAsync(api, address(i + 1000), cancel) / 1000.0);
            if (Median.Of(times) is var median && median > slowest.Median)
                slowest = (address(1000), median);
        }
        return string.Create(CultureInfo.InvariantCulture, $"slowest: {slowest.Address[(slowest.Address.IndexOf('/', StringComparison.Ordinal) + 1)..]}, median {slowest.Median:0.0} ms");
    }

    private static async Task<BenchResult> MixedAsync(ApiOnPostgres api, Func<int, string>[] addresses, BenchOptions options, CancellationToken cancel)
    {
        long done = 0, begun = Stopwatch.GetTimestamp(), processor = ProcessClock.Nanoseconds(ProcessTree.Of(api.ProcessId));
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(
            async () =>
            {
                for (int i = reader * 7; Stopwatch.GetElapsedTime(begun) < options.Time; i += Readers)
                {
                    await TimeAsync(api, addresses[i % addresses.Length](i), cancel);
                    Interlocked.Increment(ref done);
                }
            },
            cancel)));
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds, cost = (ProcessClock.Nanoseconds(ProcessTree.Of(api.ProcessId)) - processor) / 1000.0 / Math.Max(1, done);
        return new BenchResult("api-mixed", "reads per second", done / seconds)
        {
            Goal = new Goal(500, GoalKind.AtLeast), Note = string.Create(CultureInfo.InvariantCulture, $"{Readers} readers beside it on {Environment.ProcessorCount} cores; {cost:0} µs of the API's processor time for each"),
        };
    }

    private static async Task<long> TimeAsync(ApiOnPostgres api, string address, CancellationToken cancel)
    {
        long begun = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await api.Client.GetAsync(new Uri(address, UriKind.Relative), cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancel)}");
        await response.Content.ReadAsByteArrayAsync(cancel);
        return (long)Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
    }
}
