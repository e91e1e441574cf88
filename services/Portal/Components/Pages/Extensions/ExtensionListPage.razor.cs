using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Extensions;

/// <summary>The extensions of a tenant with what they do now.</summary>
public partial class ExtensionListPage
{
    private const string Board = "board";

    private CursorList<ExtensionDto>? _list;
    private Virtualize<ExtensionDto>? _rows;
    private IDisposable? _watch;
    private string? _shown;
    private string _search = "";
    private bool _asked;

    /// <summary>Whether the user came to create one.</summary>
    [SupplyParameterFromQuery(Name = "new")] public string? New { get; set; }

    /// <summary>How they are shown: a list, or <c>board</c>.</summary>
    [SupplyParameterFromQuery(Name = "view")] public string? View { get; set; }

    [Inject] private LiveTenant Live { get; set; } = null!;

    private bool IsBoard => View == Board;

    /// <inheritdoc/>
    protected override void OnInitialized() => Live.Changed += Refresh;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Tenant)
        {
            _shown = Tenant;
            _watch?.Dispose();
            _watch = Live.Watch(Tenant);
            _list?.Dispose();
            _search = "";
            _list = NewList();
            await RestartAsync();
        }
        if (New is not null && !_asked)
        {
            _asked = true;
            StateHasChanged();                                    // what was loaded is shown beneath the dialog, for which this method waits
            await CreateAsync();
        }
    }

    /// <inheritdoc/>
    protected override void Left()
    {
        Live.Changed -= Refresh;
        _watch?.Dispose();
        _list?.Dispose();
    }

    private Task RestartAsync() => LoadAsync(async () =>
    {
        await _list!.RestartAsync(Gone);
        if (_rows is not null && !IsBoard)
            await _rows.RefreshDataAsync();
    });

    private CursorList<ExtensionDto> NewList() => new((after, cancel) => Here.ExtensionsAsync(after, cancel, _search));

    private async Task SearchAsync(string? search)
    {
        _search = search?.Trim() ?? "";
        await RestartAsync();
    }

    private async Task CreateAsync()
    {
        var parameters = new DialogParameters<NewExtensionDialog> { { x => x.Tenant, Tenant } };
        IDialogReference dialog = await Dialogs.ShowAsync<NewExtensionDialog>(T["extensions.new"], parameters);
        if (await dialog.Result is { Canceled: false, Data: string number })
            Navigation.NavigateTo(Link($"extensions/{number}?connect=1"));
    }

    private Task MoreAsync() => LoadAsync(async () => await _list!.ProvideAsync(new ItemsProviderRequest(_list.Items.Count, 1, Gone)));

    // In the address: who keeps the board as a bookmark comes back to it.
    private void Show(string? view) => Navigation.NavigateTo(Link("extensions") + (view is null ? "" : $"?view={view}"), new NavigationOptions { ReplaceHistoryEntry = true });

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
