using System.Text.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>An event of a tenant's log.</summary>
public sealed record EventDto
{
    /// <summary>Its identifier; webhooks send it as <c>webhook-id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its place in the tenant's log: later events have a higher one. The <c>after</c> of the next request.</summary>
    public required long Sequence { get; init; }

    /// <summary>What happened: <c>call.ended</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime Timestamp { get; init; }

    /// <summary>The details; members may be added.</summary>
    public required JsonElement Data { get; init; }
}
