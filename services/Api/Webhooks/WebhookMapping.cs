using System.Text.Json;
using CloudPbx.Api.Events;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Webhooks;

namespace CloudPbx.Api.Webhooks;

internal static class WebhookMapping
{
    public static WebhookDto ToDto(this GlobalWebhook webhook) => new()
    {
        Id = webhook.Id,
        Name = webhook.Name,
        Url = webhook.Url,
        Types = webhook.Types,
        Enabled = webhook.Enabled,
        DisabledReason = webhook.DisabledReason,
        DisabledAt = webhook.DisabledAt,
        FailingSince = webhook.FailingSince,
        LastSuccessAt = webhook.LastSuccessAt,
        PreviousSecretUntil = webhook.PreviousSecretUntil,
        CreatedAt = webhook.CreatedAt,
    };

    public static WebhookDeliveryDto ToDto(this GlobalWebhookDelivery delivery)
    {
        using JsonDocument payload = JsonDocument.Parse(delivery.Payload);
        return new()
        {
            Id = delivery.Id.ToString("N"),
            EventId = EventIds.Write(delivery.EventId),
            Type = delivery.Type,
            TenantId = delivery.TenantId,
            State = delivery.State,
            Replay = delivery.IsReplay,
            Attempts = delivery.Attempts,
            CreatedAt = delivery.CreatedAt,
            NextAttemptAt = delivery.NextAttemptAt,
            LastAttemptAt = delivery.LastAttemptAt,
            Status = delivery.LastStatus,
            Milliseconds = delivery.LastMilliseconds,
            Error = StrangersText.WithoutControls(delivery.LastError),
            Payload = payload.RootElement.Clone(),
        };
    }
}
