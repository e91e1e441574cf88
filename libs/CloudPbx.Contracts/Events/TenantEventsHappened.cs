namespace CloudPbx.Contracts.Events;

/// <summary>Events that a worker saw, of one tenant or several. Delivered at least once: consumers are idempotent by the events' identifiers.</summary>
public sealed record TenantEventsHappened
{
    /// <summary>The events, those of one tenant in their order.</summary>
    public required IReadOnlyList<TenantEvent> Events { get; init; }
}
