using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Conferences;

/// <summary>The conference rooms of a tenant with who is in them now.</summary>
public partial class ConferencesPage
{
    private CursorList<ConferenceDto>? _list;
    private IDisposable? _watch;
    private string? _shown;

    [Inject] private LiveTenant Live { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnInitialized() => Live.Changed += Refresh;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _watch?.Dispose();
        _watch = Live.Watch(Tenant);
        await RestartAsync();
    }

    /// <inheritdoc/>
    protected override void Left()
    {
        Live.Changed -= Refresh;
        _watch?.Dispose();
        _list?.Dispose();
    }

    /// <summary>The calls that the room has answered; who is still asked for the PIN is among them.</summary>
    private List<LiveCallDto> InRoom(ConferenceDto room) => [.. Live.Calls.Where(call => call.AnsweredBy == room.Number)];

    private static string NameOf(LiveCallDto call) => string.IsNullOrEmpty(call.CallerName) ? call.CallerNumber : call.CallerName;

    private Task RestartAsync() => LoadAsync(async () =>
    {
        CursorList<ConferenceDto> list = new((after, cancel) => Here.ConferencesAsync(after, cancel));
        await list.RestartAsync(Gone);
        _list?.Dispose();
        _list = list;
    });

    private async Task EditAsync(ConferenceDto? room)
    {
        var parameters = new DialogParameters<ConferenceDialog> { { x => x.Tenant, Tenant }, { x => x.Room, room } };
        IDialogReference dialog = await Dialogs.ShowAsync<ConferenceDialog>(T["conferences.new"], parameters);
        if (await dialog.Result is { Canceled: false })
            await RestartAsync();
    }

    private async Task DeleteAsync(ConferenceDto room)
    {
        if (await DestroyAsync(T["conferences.delete-title", room.Number], T["conferences.delete-text"], T["conferences.delete"], room.Number, () => Here.DeleteConferenceAsync(room.Number, Gone)))
            await RestartAsync();
    }

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
