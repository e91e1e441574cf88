using System.Globalization;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Writes the Subscription-State header field (RFC 6665 §8.2.3).</summary>
public static class SubscriptionStateValue
{
    /// <summary>The value while a subscription lives.</summary>
    /// <param name="left">How much longer it lasts.</param>
    public static string Active(TimeSpan left) => string.Create(CultureInfo.InvariantCulture, $"active;expires={Math.Max(0, (long)Math.Ceiling(left.TotalSeconds))}");

    /// <summary>The value of the last NOTIFY.</summary>
    /// <param name="end">Why.</param>
    /// <param name="retryAfter">When to come again, where that makes sense (§4.1.3: with probation).</param>
    public static string Terminated(SubscriptionEnd end, TimeSpan? retryAfter = null)
    {
        string reason = end switch
        {
            SubscriptionEnd.Deactivated => "deactivated",
            SubscriptionEnd.Probation => "probation",
            SubscriptionEnd.Rejected => "rejected",
            SubscriptionEnd.NoResource => "noresource",
            _ => "timeout",
        };
        return retryAfter is { } pause
            ? string.Create(CultureInfo.InvariantCulture, $"terminated;reason={reason};retry-after={(long)pause.TotalSeconds}")
            : $"terminated;reason={reason}";
    }
}
