using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Webhooks;

/// <summary>Makes a webhook, or changes one; shows a new one's secret, once.</summary>
public partial class WebhookDialog
{
    private readonly FormErrors _errors = new();
    private readonly HashSet<string> _types = [];
    private string? _name, _url;
    private bool _enabled = true;
    private WebhookDto? _made;

    [CascadingParameter] private IMudDialogInstance Dialog { get; set; } = null!;

    /// <summary>Whose webhook it is.</summary>
    [Parameter, EditorRequired] public OwnerApi Owner { get; set; } = null!;

    /// <summary>The webhook; absent for a new one.</summary>
    [Parameter] public WebhookDto? Webhook { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (Webhook is null)
            return;
        (_name, _url, _enabled) = (Webhook.Name, Webhook.Url, Webhook.Enabled);
        _types.UnionWith(Webhook.Types);
    }

    private void AllChosen(bool chosen)
    {
        if (chosen)
            _types.Clear();
    }

    private void Choose(string type, bool chosen) => _ = chosen ? _types.Add(type) : _types.Remove(type);

    private async Task SaveAsync()
    {
        NewWebhook wish = new() { Name = _name?.Trim() ?? "", Url = _url?.Trim() ?? "", Types = [.. _types], Enabled = _enabled };
        WebhookDto? saved = null;
        if (!await TryAsync(async () => saved = Webhook is null ? await Owner.CreateWebhookAsync(wish, Gone) : await Owner.ChangeWebhookAsync(Webhook.Id, wish, Gone), _errors, "name", "url"))
            return;
        if (Webhook is null)
            _made = saved;                                        // its secret is told here and nowhere else
        else
            Dialog.Close(DialogResult.Ok(true));
    }
}
