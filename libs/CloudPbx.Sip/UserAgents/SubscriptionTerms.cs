namespace CloudPbx.Sip.UserAgents;

/// <summary>An event package as a notifier serves it (RFC 6665 §5): what it is called, what its NOTIFYs carry, how long and how often.</summary>
public sealed record SubscriptionTerms
{
    /// <summary>Gets the package's name (§5.4.1).</summary>
    public required string Package { get; init; }

    /// <summary>Gets the type of the bodies (§5.4.5), also that of a subscriber that names none in Accept.</summary>
    public required string ContentType { get; init; }

    /// <summary>Gets how long a subscription lasts whose SUBSCRIBE does not say it (§5.4.4).</summary>
    public TimeSpan DefaultExpires { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets the shortest duration: a shorter wish, other than none, gets 423 (§4.2.1.1).</summary>
    public TimeSpan MinimumExpires { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the longest duration that is granted.</summary>
    public TimeSpan MaximumExpires { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets the least time between NOTIFYs that nobody has asked for (§5.4.9). What changes meanwhile is told together.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how many NOTIFYs in a row may go unanswered, or be refused without ending the subscription, before it ends (I69: one that was lost must not put a lamp out).</summary>
    public int MaximumFailures { get; init; } = 4;

    /// <summary>Gets the pause after such a NOTIFY where the answer says none (§4.2.2: Retry-After).</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(30);
}
