namespace CloudPbx.Sip.UserAgents;

/// <summary>Why a notifier ends a subscription (RFC 6665 §4.1.3): it says so, and what the subscriber may do next.</summary>
public enum SubscriptionEnd
{
    /// <summary>It was ended by the subscriber, or not refreshed in time.</summary>
    Timeout,

    /// <summary>It is to be made anew, at once.</summary>
    Deactivated,

    /// <summary>It may be made anew later.</summary>
    Probation,

    /// <summary>Who subscribes may not do it any more.</summary>
    Rejected,

    /// <summary>What was watched is no more.</summary>
    NoResource,
}
