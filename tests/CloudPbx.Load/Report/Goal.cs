using System.Globalization;

namespace CloudPbx.Load.Report;

/// <summary>A target: of the ratio to the peer, or of the figure itself.</summary>
/// <param name="Limit">The bound.</param>
/// <param name="Kind">What it bounds.</param>
internal sealed record Goal(double Limit, GoalKind Kind)
{
    /// <summary>Whether a result reaches it; null where the result lacks what it is about.</summary>
    public bool? IsMetBy(BenchResult result) => Kind switch
    {
        GoalKind.RatioAtMost => result.Ratio is { } ratio ? ratio <= Limit : null,
        GoalKind.AtMost => result.Ours <= Limit,
        _ => result.Ours >= Limit,
    };

    public override string ToString() => Kind switch
    {
        GoalKind.RatioAtMost => string.Create(CultureInfo.InvariantCulture, $"ratio ≤ {Limit:0.##}"),
        GoalKind.AtMost => string.Create(CultureInfo.InvariantCulture, $"≤ {Limit:0.##}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"≥ {Limit:0.##}"),
    };
}

/// <summary>What a <see cref="Goal"/> bounds.</summary>
internal enum GoalKind
{
    /// <summary>Ours divided by the peer's.</summary>
    RatioAtMost,

    /// <summary>Ours, from above.</summary>
    AtMost,

    /// <summary>Ours, from below.</summary>
    AtLeast,
}
