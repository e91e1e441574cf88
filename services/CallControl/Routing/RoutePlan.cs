namespace CloudPbx.CallControl.Routing;

/// <summary>What a dialled string leads to, and why: each step of the decision is kept, so that the portal can say it.</summary>
internal sealed record RoutePlan(RouteTarget Target, IReadOnlyList<RouteStep> Steps);

/// <summary>One step of a routing decision: a key that the portal translates, and the value it was decided on.</summary>
internal readonly record struct RouteStep(string Rule, string Value);

/// <summary>Where a call goes.</summary>
internal abstract record RouteTarget
{
    private RouteTarget()
    {
    }

    /// <summary>All registered phones of an extension.</summary>
    /// <param name="Number">The extension.</param>
    /// <param name="OwnNumber">The caller dialled itself: only its other phones ring.</param>
    /// <param name="RingTimeout">How long they ring.</param>
    public sealed record ToExtension(string Number, bool OwnNumber, TimeSpan RingTimeout) : RouteTarget;

    /// <summary>The echo test.</summary>
    public sealed record ToEcho : RouteTarget;

    /// <summary>Nowhere; the caller gets this final status.</summary>
    public sealed record Refused(int Status) : RouteTarget;
}
