using CloudPbx.Api.Webhooks;
using CloudPbx.Data.Webhooks;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Events;

/// <summary>Deletes events and deliveries that are older than <see cref="WebhookOptions.KeepDays"/>.</summary>
internal sealed partial class EventRetention(WebhookQueue webhooks, IOptions<WebhookOptions> options, TimeProvider time, ILogger<EventRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(6);

    /// <summary>Deletes once.</summary>
    internal Task DropAsync(CancellationToken cancel) => webhooks.DropAsync(time.GetUtcNow().UtcDateTime.AddDays(-options.Value.KeepDays), cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await DropAsync(stoppingToken);
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
    }

    [LoggerMessage(LogLevel.Warning, "Old events are deleted later: {Fault}")]
    private partial void LogLater(string fault);
}
