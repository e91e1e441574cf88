using CloudPbx.Contracts.Api;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Routes;

/// <summary>The outbound routes of a tenant, and what a call would do.</summary>
public partial class RoutesPage
{
    private List<RouteDto>? _routes;
    private string? _shown;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _routes = null;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        List<RouteDto> routes = [];
        string? next = null;
        do
        {
            Page<RouteDto> page = await Here.RoutesAsync(next, Gone);
            routes.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        routes.Sort((one, other) => string.CompareOrdinal(one.Prefix, other.Prefix));
        _routes = routes;
    });

    private async Task EditAsync(RouteDto? route)
    {
        var parameters = new DialogParameters<RouteDialog> { { x => x.Tenant, Tenant }, { x => x.Route, route } };
        IDialogReference dialog = await Dialogs.ShowAsync<RouteDialog>(T["routes.new"], parameters);
        if (await dialog.Result is { Canceled: false })
            await ReadAsync();
    }

    private async Task DeleteAsync(RouteDto route)
    {
        if (await DestroyAsync(T["routes.delete-title", route.Name], T["routes.delete-text"], T["routes.delete"], route.Name, () => Here.DeleteRouteAsync(route.Name, Gone)))
            await ReadAsync();
    }
}
