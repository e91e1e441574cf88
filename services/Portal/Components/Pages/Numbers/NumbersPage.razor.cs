using CloudPbx.Contracts.Api;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Numbers;

/// <summary>The telephone numbers of a tenant and whom they reach.</summary>
public partial class NumbersPage
{
    private CursorList<NumberDto>? _list;
    private string? _shown;
    private bool _mayTake;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        await RestartAsync();
    }

    /// <inheritdoc/>
    protected override void Left() => _list?.Dispose();

    private Task RestartAsync() => LoadAsync(async () =>
    {
        CursorList<NumberDto> list = new((after, cancel) => Here.NumbersAsync(after, cancel));
        await list.RestartAsync(Gone);
        bool mayTake = (await Here.FreeNumbersAsync("", Gone)).Items.Count > 0;
        _list?.Dispose();
        (_list, _mayTake) = (list, mayTake);
    });

    private async Task TakeAsync()
    {
        IDialogReference dialog = await Dialogs.ShowAsync<TakeNumberDialog>(T["numbers.take"], new DialogParameters<TakeNumberDialog> { { x => x.Tenant, Tenant } });
        if (await dialog.Result is { Canceled: false })
            await RestartAsync();
    }

    private async Task EditAsync(NumberDto? number)
    {
        var parameters = new DialogParameters<NumberDialog> { { x => x.Tenant, Tenant }, { x => x.Number, number } };
        IDialogReference dialog = await Dialogs.ShowAsync<NumberDialog>(T["numbers.new"], parameters);
        if (await dialog.Result is { Canceled: false })
            await RestartAsync();
    }

    private async Task DeleteAsync(NumberDto number)
    {
        if (await DestroyAsync(T["numbers.remove-title", number.Number], T["numbers.remove-text"], T["numbers.remove"], number.Number, () => Here.DeleteNumberAsync(number.Number, Gone)))
            await RestartAsync();
    }
}
