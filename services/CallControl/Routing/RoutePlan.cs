using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Routing;

/// <summary>What a called number leads to, and why: each step of the decision is kept, so that the portal can say it.</summary>
internal sealed record RoutePlan(RouteTarget Target, IReadOnlyList<RouteStep> Steps)
{
    /// <summary>The caller as the callee inside sees it: of a call from outside, its number in our form.</summary>
    public string? CallerNumber { get; init; }
}

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

    /// <summary>A conference room.</summary>
    public sealed record ToConference(ConfiguredConference Room) : RouteTarget;

    /// <summary>The outside world.</summary>
    /// <param name="Number">What is called, before a trunk's own rules rewrote it: what the record says.</param>
    /// <param name="Dialled">The same before the route's rules rewrote it: what prices and limits go by.</param>
    /// <param name="Attempts">The trunks in the order in which they are tried, at least one.</param>
    /// <param name="FailoverOn">After which answers the next one is tried, see <see cref="FailoverCauses"/>.</param>
    /// <param name="Emergency">No limit ends or hinders this call.</param>
    public sealed record ToTrunks(string Number, string Dialled, IReadOnlyList<TrunkAttempt> Attempts, IReadOnlyList<string> FailoverOn, bool Emergency) : RouteTarget;

    /// <summary>Nowhere; the caller gets this final status.</summary>
    public sealed record Refused(int Status) : RouteTarget;
}

/// <summary>One trunk that a call may leave by, and what is sent there.</summary>
/// <param name="Trunk">The trunk.</param>
/// <param name="CalledNumber">The called number in the carrier's form.</param>
/// <param name="CallerNumber">The number shown, in the carrier's form; <see langword="null"/>: none of ours may be shown there, the account stands for it, or nobody.</param>
internal sealed record TrunkAttempt(TrunkSettings Trunk, string CalledNumber, string? CallerNumber);
