using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Webhooks;

/// <summary>How far a webhook has come in a tenant's event log.</summary>
public sealed class GlobalWebhookPosition
{
    /// <summary>The webhook.</summary>
    public required WebhookId WebhookId { get; init; }

    /// <summary>The tenant.</summary>
    public required TenantId TenantId { get; init; }

    /// <summary>Everything up to this place is sent, or waits to be.</summary>
    public long Sequence { get; set; }
}
