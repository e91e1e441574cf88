using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Webhooks;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>
/// Sends what tenants' event logs hold to those who want it. Each webhook is one process's at a time, by a lease in the database; everything that is to be sent stands there too, so that
/// a process that dies is made up for. What was sent and could not be written down is sent again, with the same identifier.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookQueue queue, WebhookSender sender, IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookDispatcher> logger) : BackgroundService
{
    private const int MostAtOnce = 64;                            // webhooks that this process serves at one time
    private const int LargestBatch = 50;
    private const int LargestWave = 8;                            // deliveries to one receiver at one time

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(2);                 // longer than the longest wave twice

    private readonly Guid _me = Guid.NewGuid();
    private readonly ConcurrentDictionary<WebhookId, Task> _serving = new();

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Serves everything that is due now, and waits for it.</summary>
    internal async Task RoundAsync(CancellationToken cancel) => await Task.WhenAll(await BeginAsync(cancel));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await BeginAsync(stoppingToken);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogLater(fault.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
        await Task.WhenAll(_serving.Values);
    }

    private async Task<IReadOnlyList<Task>> BeginAsync(CancellationToken cancel)
    {
        if (_serving.Count >= MostAtOnce)
            return [];
        List<Task> begun = [];
        foreach (WebhookId id in await queue.DueAsync(Now, MostAtOnce - _serving.Count, cancel))
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_serving.TryAdd(id, done.Task))
                continue;
            begun.Add(done.Task);
            _ = Task.Run(() => ServeAsync(id, done, cancel), CancellationToken.None);
        }
        return begun;
    }

    // Never faults: it has no one to tell but the log.
    private async Task ServeAsync(WebhookId id, TaskCompletionSource done, CancellationToken cancel)
    {
        try
        {
            await ServeAsync(id, cancel);
            await queue.ReturnAsync(id, _me, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            await TryReturnAsync(id);
        }
#pragma warning disable CA1031 // the lease runs out, and somebody tries again
        catch (Exception fault)
        {
            LogLater(fault.GetBaseException().Message);
        }
#pragma warning restore CA1031
        finally
        {
            _serving.TryRemove(id, out _);
            done.SetResult();
        }
    }

    private async Task ServeAsync(WebhookId id, CancellationToken cancel)
    {
        while (await TakeAsync(id, cancel) is { } webhook)
        {
            if (await queue.PutUpAsync(webhook, _me, Now, cancel) is not { } more)
                return;
            bool probing = webhook.Failures >= RetryPlan.FailuresBeforePause;
            IReadOnlyList<GlobalWebhookDelivery> next = webhook.PausedUntil > Now ? [] : await queue.NextAsync(webhook, Now, probing ? 1 : LargestBatch, cancel);
            if (next.Count == 0 && !more)
                return;
            if (!await SendAsync(webhook, [.. next], cancel))
                return;
            if (probing && webhook.Failures == 0)
                await queue.HurryAsync(webhook, _me, Now, cancel);                      // it is back: what waits for hours goes now
        }
    }

    /// <returns>False where the webhook is somebody else's by now.</returns>
    private async Task<bool> SendAsync(GlobalWebhook webhook, List<GlobalWebhookDelivery> due, CancellationToken cancel)
    {
        while (due.Count > 0 && webhook.Enabled && !(webhook.PausedUntil > Now))
        {
            List<GlobalWebhookDelivery> wave = TakeWave(due);
            WebhookAttempt[] attempts = await Task.WhenAll(wave.Select(delivery => sender.SendAsync(webhook, delivery, cancel)));
            foreach ((GlobalWebhookDelivery delivery, WebhookAttempt attempt) in wave.Zip(attempts))
            {
                RetryPlan.Apply(webhook, delivery, attempt, options.Value, Now);
                if (!await queue.TriedAsync(webhook, delivery, _me, CancellationToken.None))
                    return false;
            }
            if (!webhook.Enabled)
                LogDisabled(webhook.Id, webhook.DisabledReason);
            if (due.Count > 0 && await TakeAsync(webhook.Id, cancel) is null)
                return false;
        }
        return true;
    }

    // What is about one thing goes one after the other; the rest at the same time.
    private static List<GlobalWebhookDelivery> TakeWave(List<GlobalWebhookDelivery> due)
    {
        List<GlobalWebhookDelivery> wave = [];
        HashSet<string> subjects = [];
        foreach (GlobalWebhookDelivery delivery in due)
            if (wave.Count < LargestWave && (delivery.Subject is null || subjects.Add(delivery.Subject)))
                wave.Add(delivery);
        due.RemoveAll(wave.Contains);
        return wave;
    }

    private Task<GlobalWebhook?> TakeAsync(WebhookId id, CancellationToken cancel) => queue.TakeAsync(id, _me, Now, Now + s_lease, cancel);

    private async Task TryReturnAsync(WebhookId id)
    {
        try
        {
            await queue.ReturnAsync(id, _me, CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogLater(fault.GetBaseException().Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Webhooks are sent later: {Fault}")]
    private partial void LogLater(string fault);

    [LoggerMessage(LogLevel.Warning, "Webhook {WebhookId} is switched off: {Reason}")]
    private partial void LogDisabled(WebhookId webhookId, string? reason);
}
