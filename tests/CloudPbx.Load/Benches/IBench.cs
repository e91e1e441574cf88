using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>One measurement that <c>./pbx bench NAME</c> makes.</summary>
internal interface IBench
{
    string Name { get; }

    /// <summary>One line for <c>--help</c>.</summary>
    string Description { get; }

    /// <summary>Measures. Bounded in time by the options.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="progress">Told what happens now.</param>
    /// <param name="cancel">Ends it early.</param>
    Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel);
}
