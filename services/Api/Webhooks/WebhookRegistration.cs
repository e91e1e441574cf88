using CloudPbx.Api.Events;
using CloudPbx.Hosting.Web.Outbound;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPbx.Api.Webhooks;

internal static class WebhookRegistration
{
    /// <summary>Adds the event log's readers and writers, and what sends it on.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WebhookOptions, WebhookOptionsValidator>().BindConfiguration("Webhooks");
        services.TryAddSingleton<ITargetNames, SystemNames>();
        services.AddSingleton<WebhookTargets>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<EventInterest>();
        services.AddHostedService<WebhookDispatcher>();
        services.AddHostedService<RecordingWatch>();
        services.AddHostedService<EventRetention>();
    }
}
