using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;

namespace CloudPbx.Load.Product;

/// <summary>Edge, worker and media together under a load.</summary>
internal sealed class ClusterSubject(ClusterProduct product, Func<double, TimeSpan, Task<LoadOutcome>> load, params IDisposable[] belongings) : ISubject
{
    public string Name => "cloudpbx";

    public IReadOnlyList<int> Processes { get; } = [.. product.Subjects.Values];

    /// <summary>Besides the stores each part of the sum, to see which one costs what.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; } =
        product.Others.Concat(product.Subjects.Select(s => KeyValuePair.Create($"of it {s.Key}", (IReadOnlyList<int>)[s.Value]))).ToDictionary();

    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => load(perSecond, time);

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        foreach (IDisposable belonging in belongings)
            belonging.Dispose();
    }
}
