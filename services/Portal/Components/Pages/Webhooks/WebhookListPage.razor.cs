using CloudPbx.Contracts.Api;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Webhooks;

/// <summary>Where the events of a tenant, or of a reseller's tenants, are sent to.</summary>
public partial class WebhookListPage
{
    private IReadOnlyList<WebhookDto>? _webhooks;
    private string? _shown;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Place)
            return;
        _shown = Place;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () => _webhooks = await Here.WebhooksAsync(Gone));

    private async Task CreateAsync()
    {
        var parameters = new DialogParameters<WebhookDialog> { { x => x.Owner, Here } };
        IDialogReference dialog = await Dialogs.ShowAsync<WebhookDialog>(T["webhooks.new"], parameters);
        if (await dialog.Result is { Canceled: false })
            await ReadAsync();
    }
}
