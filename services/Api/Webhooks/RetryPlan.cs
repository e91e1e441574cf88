using CloudPbx.Contracts.Api;
using CloudPbx.Data.Webhooks;

namespace CloudPbx.Api.Webhooks;

/// <summary>What follows an attempt: of the delivery, and of the webhook, which is left alone for a while when several attempts in a row failed, and switched off when all did for days.</summary>
internal static class RetryPlan
{
    /// <summary>From this many failures in a row on, one delivery at a time is tried, with a pause after each.</summary>
    public const int FailuresBeforePause = 3;

    private static readonly TimeSpan[] s_waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2),
        TimeSpan.FromHours(4), TimeSpan.FromHours(8),
    ];

    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_mostPatience = TimeSpan.FromHours(8);

    /// <summary>Applies an attempt.</summary>
    /// <param name="webhook">Changed.</param>
    /// <param name="delivery">Changed.</param>
    /// <param name="attempt">What became of it.</param>
    /// <param name="options">The limits.</param>
    /// <param name="now">The present instant, UTC.</param>
    public static void Apply(GlobalWebhook webhook, GlobalWebhookDelivery delivery, WebhookAttempt attempt, WebhookOptions options, DateTime now)
    {
        delivery.Attempts++;
        (delivery.LastAttemptAt, delivery.LastStatus, delivery.LastMilliseconds, delivery.LastError) = (now, attempt.Status, attempt.Milliseconds, attempt.Fault);
        if (attempt.Fault is null)
        {
            (delivery.State, delivery.NextAttemptAt) = (DeliveryState.Delivered, null);
            (webhook.Failures, webhook.FailingSince, webhook.PausedUntil, webhook.LastSuccessAt) = (0, null, null, now);
            return;
        }
        TimeSpan wait = WaitAfter(delivery, attempt);
        bool last = now + wait > delivery.CreatedAt.AddHours(options.RetryHours);
        (delivery.State, delivery.NextAttemptAt) = last ? (DeliveryState.Failed, null) : (DeliveryState.Pending, (DateTime?)(now + wait));
        webhook.Failures++;
        webhook.FailingSince ??= now;
        if (webhook.Failures >= FailuresBeforePause)
            webhook.PausedUntil = now + Least(s_waits[Math.Min(webhook.Failures - FailuresBeforePause, s_waits.Length - 1)], s_longestPause);
        if (attempt.Status == WebhookAttempt.Gone)
            Disable(webhook, "The receiver answered 410: it is gone.", now);
        else if (now - webhook.FailingSince >= TimeSpan.FromHours(options.DisableAfterHours))
            Disable(webhook, $"Nothing was taken since {webhook.FailingSince:yyyy-MM-dd HH:mm} UTC. The last time: {attempt.Fault}", now);
    }

    private static TimeSpan WaitAfter(GlobalWebhookDelivery delivery, WebhookAttempt attempt)
    {
        TimeSpan wait = s_waits[Math.Min(delivery.Attempts, s_waits.Length) - 1];
        wait += wait * (delivery.Id.ToByteArray()[15] / 255.0 * 0.2);                   // what failed together does not come back together
        return attempt.RetryAfter is { } asked && asked > wait ? Least(asked, s_mostPatience) : wait;
    }

    private static void Disable(GlobalWebhook webhook, string reason, DateTime now) =>
        (webhook.Enabled, webhook.DisabledReason, webhook.DisabledAt) = (false, reason.Length > 300 ? reason[..300] : reason, now);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
