using System.Globalization;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Routing;

/// <summary>The limits that decide whether a call to the outside may begin.</summary>
internal static class OutsideLimits
{
    /// <summary>Why it may not, or null.</summary>
    public static (int Status, string Rule, string Value)? Refusal(CallLimits limits, RouteConditions conditions) =>
        Reached(limits.MaxChannels, conditions.Channels.Values.Sum()) ? (503, "limit-channels", Text(limits.MaxChannels))
        : Reached(limits.MaxOutsideCalls, conditions.OutsideCalls) ? (503, "limit-outside-calls", Text(limits.MaxOutsideCalls))
        : Reached(limits.MaxOutsideCallsPerExtension, conditions.OutsideCallsOfCaller) ? (503, "limit-extension-calls", Text(limits.MaxOutsideCallsPerExtension))
        : Reached(limits.OutsideCallsPerMinute, conditions.OutsideCallsInLastMinute) ? (503, "limit-calls-per-minute", Text(limits.OutsideCallsPerMinute))
        : null;

    private static bool Reached(int? limit, int now) => limit is { } most && now >= most;

    private static string Text(int? limit) => limit!.Value.ToString(CultureInfo.InvariantCulture);
}
