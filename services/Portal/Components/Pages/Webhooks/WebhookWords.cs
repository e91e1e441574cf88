namespace CloudPbx.Portal.Components.Pages.Webhooks;

/// <summary>The words for events.</summary>
internal static class WebhookWords
{
    /// <summary>The text that says what an event is.</summary>
    public static string KeyOf(string type) => "event." + type.Replace('.', '-');
}
