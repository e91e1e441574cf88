using System.Globalization;

namespace CloudPbx.Load.Measuring;

/// <summary>Octets that a .NET process has allocated, as its own metrics tell.</summary>
internal sealed class AllocationCounter(int port) : IDisposable
{
    private const string Metric = "dotnet_gc_heap_total_allocated";
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Reads the metric.</summary>
    /// <exception cref="InvalidOperationException">The process does not tell.</exception>
    public async Task<double> ReadAsync(CancellationToken cancel)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri("/metrics", UriKind.Relative), cancel);
        string text = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancel) : "";
        return ValueIn(text) ?? throw new InvalidOperationException($"/metrics does not have {Metric}: {(int)answer.StatusCode}");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The sum of the metric's samples in the text format of Prometheus; null where there is none.</summary>
    internal static double? ValueIn(string text)
    {
        double? sum = null;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Metric))
                continue;
            ReadOnlySpan<char> rest = line[(line.IndexOf('}') is >= 0 and int end ? end + 1 : line.IndexOf(' '))..].Trim();     // value, perhaps a time
            int space = rest.IndexOf(' ');
            if (double.TryParse(space < 0 ? rest : rest[..space], CultureInfo.InvariantCulture, out double value))
                sum = (sum ?? 0) + value;
        }
        return sum;
    }
}
