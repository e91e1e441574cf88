using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Measuring;

/// <summary>One side of a comparison: processes that are started, and the load that they bear.</summary>
internal interface ISubject : IAsyncDisposable
{
    /// <summary>Its short name.</summary>
    string Name { get; }

    /// <summary>The processes whose time is the result.</summary>
    IReadOnlyList<int> Processes { get; }

    /// <summary>Processes that work for it but do not count, by name: stores, the API.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<int>> Others { get; }

    /// <summary>Loads it.</summary>
    Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time);
}
