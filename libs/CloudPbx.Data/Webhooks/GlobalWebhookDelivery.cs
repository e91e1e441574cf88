using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Webhooks;

/// <summary>One event for one webhook: waits, was taken, or was given up.</summary>
public sealed class GlobalWebhookDelivery
{
    /// <summary>Its identifier; another one for each time that the event is replayed.</summary>
    public required Guid Id { get; init; }

    /// <summary>The webhook.</summary>
    public required WebhookId WebhookId { get; init; }

    /// <summary>The tenant whose event it is; <see langword="null"/> of a reseller's test.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>The event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Its place in the tenant's log; 0 of a test.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about: those of one thing are sent one after the other.</summary>
    public string? Subject { get; init; }

    /// <summary>The body, as it is signed and sent.</summary>
    public required string Payload { get; init; }

    /// <summary>When it was put here, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Whether somebody asked for it once more.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Where it stands.</summary>
    public DeliveryState State { get; set; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; set; }

    /// <summary>When it is tried next, UTC; <see langword="null"/> where it is not.</summary>
    public DateTime? NextAttemptAt { get; set; }

    /// <summary>When it was tried last, UTC.</summary>
    public DateTime? LastAttemptAt { get; set; }

    /// <summary>The receiver's status then; <see langword="null"/> where there was no answer.</summary>
    public int? LastStatus { get; set; }

    /// <summary>How long the answer took.</summary>
    public int? LastMilliseconds { get; set; }

    /// <summary>Why it failed then.</summary>
    public string? LastError { get; set; }
}
