using System.Collections.Concurrent;
using System.Diagnostics;

namespace CloudPbx.TestKit.Telemetry;

/// <summary>Listens to activity sources in this process and keeps the spans that ended.</summary>
/// <remarks>Thread-safe. Spans of other tests that run at the same time are seen, too: look at one trace.</remarks>
public sealed class CollectedSpans : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();

    /// <summary>Begins to listen; every trace is sampled.</summary>
    /// <param name="sources">The sources' names.</param>
    public CollectedSpans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that ended so far.</summary>
    public IReadOnlyCollection<Activity> Ended => [.. _ended];

    /// <summary>The spans of one trace that ended so far.</summary>
    public IReadOnlyCollection<Activity> Of(string traceParent) =>
        [.. _ended.Where(span => ActivityContext.TryParse(traceParent, null, out ActivityContext context) && span.TraceId == context.TraceId)];

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
