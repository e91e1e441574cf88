using System.Diagnostics;

namespace CloudPbx.CallControl.Telemetry;

/// <summary>The worker's spans. Where nobody listens none is made, and every method here costs a comparison.</summary>
internal static class WorkerTrace
{
    public const string SourceName = "CloudPbx.CallControl";

    /// <summary>Where they come from.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Begins a span of a trace that was begun earlier, perhaps by another process.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Towards whom.</param>
    /// <param name="traceParent">The W3C trace context that it belongs to; null: none.</param>
    /// <returns>Null where there is no trace, or nobody listens. Begun inside an async method, its end restores what was current.</returns>
    public static Activity? Continue(string name, ActivityKind kind, string? traceParent) =>
        traceParent is not null && Source.HasListeners() && ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext parent)
            ? Source.StartActivity(name, kind, parent)
            : null;
}
