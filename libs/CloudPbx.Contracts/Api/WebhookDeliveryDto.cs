using System.Text.Json;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>What became of one event at one webhook.</summary>
public sealed record WebhookDeliveryDto
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>The event: the <c>webhook-id</c> of all its deliveries.</summary>
    public required string EventId { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>Whose event it is.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>Where it stands.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>Whether somebody asked for it once more.</summary>
    public required bool Replay { get; init; }

    /// <summary>Attempts so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was put up, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it is tried next, UTC.</summary>
    public DateTime? NextAttemptAt { get; init; }

    /// <summary>When it was tried last, UTC.</summary>
    public DateTime? LastAttemptAt { get; init; }

    /// <summary>The receiver's HTTP status then.</summary>
    public int? Status { get; init; }

    /// <summary>How long it took to answer.</summary>
    public int? Milliseconds { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The body that is sent.</summary>
    public required JsonElement Payload { get; init; }
}
