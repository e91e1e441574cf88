using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Events;

/// <summary>Something that happened at a tenant and belongs into its event log.</summary>
public sealed record TenantEvent
{
    /// <summary>Whose.</summary>
    public required TenantId TenantId { get; init; }

    /// <summary>The event's identifier. What is told twice has the same, and is in the log once.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>What it is about (a call, a device): events about one thing are delivered in their order. At most 64 characters.</summary>
    public string? Subject { get; init; }

    /// <summary>The details as a JSON object; never a secret.</summary>
    public required string Data { get; init; }
}
