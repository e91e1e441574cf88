using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>What a SUBSCRIBE asks for, where it can be had.</summary>
/// <param name="Terms">The package.</param>
/// <param name="Event">Its Event.</param>
/// <param name="Granted">How long; zero for a look at the present state (RFC 6665 §4.4.3), or the end of a subscription.</param>
public sealed record SubscriptionWish(SubscriptionTerms Terms, EventType Event, TimeSpan Granted);
