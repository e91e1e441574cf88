using CloudPbx.Contracts.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Webhooks;

/// <summary>One webhook and what was sent to it.</summary>
public partial class WebhookPage
{
    private WebhookDto? _webhook;
    private CursorList<WebhookDeliveryDto>? _deliveries;
    private string? _shown, _secret;

    /// <summary>The webhook's identifier.</summary>
    [Parameter] public string Id { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        string place = $"{Place}/{Id}";
        if (_shown == place)
            return;
        (_shown, _secret) = (place, null);
        await ReadAsync();
    }

    /// <inheritdoc/>
    protected override void Left() => _deliveries?.Dispose();

    private Task ReadAsync() => LoadAsync(async () =>
    {
        CursorList<WebhookDeliveryDto> list = new((after, cancel) => Here.DeliveriesAsync(Id, after, cancel));
        await list.RestartAsync(Gone);
        _deliveries?.Dispose();
        _deliveries = list;
        _webhook = await Here.WebhookAsync(Id, Gone);
    });

    private Task MoreAsync() => LoadAsync(async () => await _deliveries!.ProvideAsync(new ItemsProviderRequest(_deliveries.Items.Count, 1, Gone)));

    private async Task EditAsync()
    {
        var parameters = new DialogParameters<WebhookDialog> { { x => x.Owner, Here }, { x => x.Webhook, _webhook } };
        IDialogReference dialog = await Dialogs.ShowAsync<WebhookDialog>(_webhook!.Name, parameters);
        if (await dialog.Result is { Canceled: false })
            await ReadAsync();
    }

    private async Task TestAsync()
    {
        if (!await TryAsync(() => Here.TestWebhookAsync(Id, Gone)))
            return;
        Done(T["webhooks.test-done"]);
        await ReadAsync();
    }

    private async Task ReplayAsync(WebhookDeliveryDto delivery)
    {
        if (!await TryAsync(() => Here.ReplayDeliveryAsync(Id, delivery.Id, Gone)))
            return;
        Done(T["webhooks.replay-done"]);
        await ReadAsync();
    }

    private async Task ReplayDayAsync()
    {
        if (!await ConfirmAsync(T["webhooks.replay-day-title"], T["webhooks.replay-day-text"], T["webhooks.replay-day"]))
            return;
        ReplayedDto? replayed = null;
        if (!await TryAsync(async () => replayed = await Here.ReplaySinceAsync(Id, Clock.UtcNow.AddDays(-1), Gone)))
            return;
        Done(T["webhooks.replay-day-done", replayed!.Events]);
        await ReadAsync();
    }

    private async Task RotateAsync()
    {
        if (await DestroyAsync(T["webhooks.new-secret-title"], T["webhooks.new-secret-text"], T["webhooks.new-secret"], _webhook!.Name, async () => _secret = (await Here.RotateWebhookAsync(Id, Gone)).Secret))
            await ReadAsync();
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["webhooks.delete-title", _webhook!.Name], T["webhooks.delete-text"], T["webhooks.delete"], _webhook.Name, () => Here.DeleteWebhookAsync(Id, Gone)))
            Navigation.NavigateTo(Link("webhooks"));
    }
}
