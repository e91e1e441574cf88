using CloudPbx.Api.Webhooks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Webhooks;

namespace CloudPbx.Api.Tests.Webhooks;

/// <summary>What follows attempts that fail.</summary>
public sealed class RetryPlanTests
{
    private static readonly DateTime s_begin = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);
    private static readonly WebhookAttempt s_away = new(null, 5, "Connection refused", null);
    private readonly WebhookOptions _options = new();
    private readonly GlobalWebhook _webhook = new() { Id = WebhookId.New(), Name = "crm", Url = "https://crm.example/", SealedSecret = [], CreatedAt = s_begin };

    [Fact]
    public void A_delivery_is_tried_for_three_days_with_longer_and_longer_waits_and_given_up()
    {
        _options.DisableAfterHours = 720;
        GlobalWebhookDelivery delivery = Delivery();
        DateTime now = s_begin;
        List<TimeSpan> waits = [];
        while (delivery.State == DeliveryState.Pending)
        {
            RetryPlan.Apply(_webhook, delivery, s_away, _options, now);
            if (delivery.NextAttemptAt is { } next)
                waits.Add(next - now);
            now = delivery.NextAttemptAt ?? now;
        }
        Assert.Equal((DeliveryState.Failed, null), (delivery.State, delivery.NextAttemptAt));
        Assert.InRange(waits[0], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        Assert.Equal(waits.Order(), waits);
        Assert.InRange(now - s_begin, TimeSpan.FromHours(60), TimeSpan.FromHours(72));
        Assert.InRange(delivery.Attempts, 10, 20);
    }

    [Fact]
    public void A_webhook_that_takes_nothing_for_three_days_is_switched_off_and_says_since_when_and_why()
    {
        RetryPlan.Apply(_webhook, Delivery(), s_away, _options, s_begin);
        RetryPlan.Apply(_webhook, Delivery(), s_away, _options, s_begin.AddHours(71));
        Assert.True(_webhook.Enabled);
        RetryPlan.Apply(_webhook, Delivery(), s_away, _options, s_begin.AddHours(72));
        Assert.Equal((false, "Nothing was taken since 2026-11-23 08:00 UTC. The last time: Connection refused"), (_webhook.Enabled, _webhook.DisabledReason));
    }

    [Fact]
    public void A_receiver_that_is_away_gets_one_delivery_at_a_time_with_pauses_until_it_takes_one()
    {
        for (int failures = 1; failures <= 20; failures++)
            RetryPlan.Apply(_webhook, Delivery(), s_away, _options, s_begin);
        Assert.Equal(s_begin.AddMinutes(10), _webhook.PausedUntil);
        RetryPlan.Apply(_webhook, Delivery(), new WebhookAttempt(204, 5, null, null), _options, s_begin);
        Assert.Equal((0, null, null, s_begin), (_webhook.Failures, _webhook.PausedUntil, _webhook.FailingSince, _webhook.LastSuccessAt));
    }

    [Fact]
    public void A_receiver_that_asks_for_patience_gets_it_but_not_for_ever()
    {
        GlobalWebhookDelivery asked = Delivery(), greedy = Delivery();
        RetryPlan.Apply(_webhook, asked, new WebhookAttempt(429, 5, "The receiver answered 429.", TimeSpan.FromMinutes(5)), _options, s_begin);
        RetryPlan.Apply(_webhook, greedy, new WebhookAttempt(503, 5, "The receiver answered 503.", TimeSpan.FromDays(30)), _options, s_begin);
        Assert.Equal((s_begin.AddMinutes(5), s_begin.AddHours(8)), (asked.NextAttemptAt, greedy.NextAttemptAt));
    }

    private GlobalWebhookDelivery Delivery() => new()
    {
        Id = Guid.CreateVersion7(), WebhookId = _webhook.Id, EventId = Guid.CreateVersion7(), Sequence = 1, Type = "call.ended", Payload = "{}", CreatedAt = s_begin, NextAttemptAt = s_begin,
    };
}
