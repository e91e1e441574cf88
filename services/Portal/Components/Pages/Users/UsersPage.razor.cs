using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components.Shared;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Users;

/// <summary>Who of a tenant, of a reseller, or of the platform may sign in, and as what.</summary>
public partial class UsersPage
{
    private CursorList<UserDto>? _list;
    private string? _shown;

    /// <summary>Whether the user came to let somebody in.</summary>
    [SupplyParameterFromQuery(Name = "new")] public string? New { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Place)
            return;
        _shown = Place;
        await RestartAsync();
        if (New is null || Fault is not null)
            return;
        StateHasChanged();                          // the people stand beneath the dialog
        await EditAsync(null);
    }

    /// <inheritdoc/>
    protected override void Left() => _list?.Dispose();

    private static string Dot(UserDto user) => !user.Enabled ? "" : user.HasPassword ? "good" : "wait";

    private string State(UserDto user) => T[!user.Enabled ? "users.disabled" : user.HasPassword ? "users.active" : "users.invited"];

    private static NewUser Same(UserDto user, bool enabled) =>
        new() { Email = user.Email ?? user.UserName, DisplayName = user.DisplayName, Role = user.Role, Extension = user.Extension, Enabled = enabled };

    private Task RestartAsync() => LoadAsync(async () =>
    {
        CursorList<UserDto> list = new(Here.UsersAsync);
        await list.RestartAsync(Gone);
        _list?.Dispose();
        _list = list;
    });

    private async Task EditAsync(UserDto? user)
    {
        var parameters = new DialogParameters<UserDialog> { { x => x.Owner, Here }, { x => x.OfTenant, Tenant is not null }, { x => x.User, user } };
        IDialogReference dialog = await Dialogs.ShowAsync<UserDialog>(T["users.new"], parameters);
        if (await dialog.Result is not { Canceled: false, Data: UserDto saved })
            return;
        await RestartAsync();
        StateHasChanged();
        if (saved.PasswordLink is not null)
            await ShowLinkAsync(saved);
    }

    private async Task LinkAsync(UserDto user)
    {
        if (user.HasPassword && !await ConfirmAsync(T["users.link-title", user.DisplayName], T["users.link-confirm"], T["users.link"]))
            return;
        UserDto? made = null;
        if (await TryAsync(async () => made = await Here.LinkUserAsync(user.Id, Gone)))
            await ShowLinkAsync(made!);
    }

    private Task ShowLinkAsync(UserDto user) => OnceDialog.ShowAsync(
        Dialogs, T["users.link-title", user.DisplayName], T["users.link-text", user.DisplayName], new OnceValue("link", T["users.link-label"], user.PasswordLink!));

    private async Task ToggleAsync(UserDto user)
    {
        if (user.Enabled && !await ConfirmAsync(T["users.disable-title", user.DisplayName], T[Tenant is null ? "users.disable-text-above" : "users.disable-text"], T["users.disable"]))
            return;
        if (await TryAsync(() => Here.ChangeUserAsync(user.Id, Same(user, !user.Enabled), Gone)))
            await RestartAsync();
    }

    private async Task RevokeAsync(UserDto user)
    {
        if (await ConfirmAsync(T["users.revoke-title", user.DisplayName], T["users.revoke-text"], T["users.revoke"]) && await TryAsync(() => Here.RevokeUserAsync(user.Id, Gone)))
            Done(T["users.revoked"]);
    }

    private async Task DeleteAsync(UserDto user)
    {
        if (await DestroyAsync(
            T["users.delete-title", user.DisplayName], T[Tenant is null ? "users.delete-text-above" : "users.delete-text"], T["users.delete"], user.Email ?? user.UserName, () => Here.DeleteUserAsync(user.Id, Gone)))
            await RestartAsync();
    }
}
