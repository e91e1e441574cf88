using System.Globalization;

namespace CloudPbx.Load.Measuring;

/// <summary>What a .NET process has allocated, or how often it has collected, as its own metrics tell.</summary>
/// <param name="port">Where its metrics are.</param>
/// <param name="metric">The beginning of the metric's name.</param>
internal sealed class AllocationCounter(int port, string metric = AllocationCounter.Octets) : IDisposable
{
    /// <summary>Octets allocated.</summary>
    public const string Octets = "dotnet_gc_heap_total_allocated";

    /// <summary>Garbage collections of all generations.</summary>
    public const string Collections = "dotnet_gc_collections";

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Reads the metric.</summary>
    /// <exception cref="InvalidOperationException">The process does not tell.</exception>
    public async Task<double> ReadAsync(CancellationToken cancel)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri("/metrics", UriKind.Relative), cancel);
        string text = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancel) : "";
        return ValueIn(text, metric) ?? throw new InvalidOperationException($"/metrics does not have {metric}: {(int)answer.StatusCode}");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The sum of the metric's samples in the text format of Prometheus; null where there is none.</summary>
    internal static double? ValueIn(string text, string metric = Octets)
    {
        double? sum = null;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(metric))
                continue;
            ReadOnlySpan<char> rest = line[(line.IndexOf('}') is >= 0 and int end ? end + 1 : line.IndexOf(' '))..].Trim();     // value, perhaps a time
            int space = rest.IndexOf(' ');
            if (double.TryParse(space < 0 ? rest : rest[..space], CultureInfo.InvariantCulture, out double value))
                sum = (sum ?? 0) + value;
        }
        return sum;
    }
}
