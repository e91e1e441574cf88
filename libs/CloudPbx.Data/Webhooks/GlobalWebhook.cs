using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Webhooks;

/// <summary>Where the events of a tenant, or of a reseller's tenants, are sent to.</summary>
public sealed class GlobalWebhook : IVersioned
{
    /// <summary>Its identifier.</summary>
    public required WebhookId Id { get; init; }

    /// <summary>The tenant whose events it gets; <see langword="null"/>: the reseller's.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>The reseller whose tenants' events it gets.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; set; }

    /// <summary>Where it is sent to.</summary>
    public required string Url { get; set; }

    /// <summary>Which events; none: all.</summary>
    public IReadOnlyList<string> Types { get; set; } = [];

    /// <summary>What deliveries are signed with, sealed.</summary>
    public required byte[] SealedSecret { get; set; }

    /// <summary>The secret before, sealed; deliveries are signed with it too for a while.</summary>
    public byte[]? SealedPreviousSecret { get; set; }

    /// <summary>Until when that is, UTC.</summary>
    public DateTime? PreviousSecretUntil { get; set; }

    /// <summary>Whether anything is sent.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Why the platform switched it off; <see langword="null"/>: it did not.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>When that was, UTC.</summary>
    public DateTime? DisabledAt { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Attempts in a row that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Since when all attempts fail, UTC.</summary>
    public DateTime? FailingSince { get; set; }

    /// <summary>Nothing is sent before this instant, UTC: the receiver is away.</summary>
    public DateTime? PausedUntil { get; set; }

    /// <summary>Last time that the receiver took something, UTC.</summary>
    public DateTime? LastSuccessAt { get; set; }

    /// <summary>The process that sends for it now.</summary>
    public Guid? LeaseOwner { get; set; }

    /// <summary>Until when it does, UTC: then another may.</summary>
    public DateTime? LeaseUntil { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
