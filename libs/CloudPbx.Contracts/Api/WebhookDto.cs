using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>Where events are sent to, in the form of Standard Webhooks.</summary>
public sealed record WebhookDto
{
    /// <summary>Its identifier.</summary>
    public required WebhookId Id { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is sent to.</summary>
    public required string Url { get; init; }

    /// <summary>Which events; empty: all.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>Whether anything is sent.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why the platform switched it off.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>When it did, UTC.</summary>
    public DateTime? DisabledAt { get; init; }

    /// <summary>Since when all attempts fail, UTC; absent while it works.</summary>
    public DateTime? FailingSince { get; init; }

    /// <summary>Last time that the receiver took something, UTC.</summary>
    public DateTime? LastSuccessAt { get; init; }

    /// <summary>Until when deliveries are signed with the secret before, too, UTC.</summary>
    public DateTime? PreviousSecretUntil { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>What deliveries are signed with: <c>whsec_…</c>; only in the answer that made it.</summary>
    public string? Secret { get; init; }
}
