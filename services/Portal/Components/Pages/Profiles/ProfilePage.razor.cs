using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Profiles;

/// <summary>Makes a profile of a tenant's own: the shipped one that it starts from, and what it does otherwise.</summary>
public partial class ProfilePage
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<TrunkProfile>? _shipped;
    private IReadOnlyList<string> _trunks = [];
    private ProfileForm? _form;
    private string? _shown;

    /// <summary>The profile's name; <see langword="null"/> for a new one.</summary>
    [Parameter] public string? Name { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        string shown = $"{Tenant}/{Name}";
        if (_shown == shown)
            return;
        _shown = shown;
        _form = null;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _shipped = await Api.ProfilesAsync(Gone);
        ProfileDto? profile = Name is null ? null : await Here.ProfileAsync(Name, Gone);
        (_form, _trunks) = profile is null ? (new ProfileForm(), []) : (ProfileForm.Of(profile), profile.Trunks);
    });

    private async Task SaveAsync()
    {
        bool saved = await TryAsync(
            () => Name is null ? Here.CreateProfileAsync(_form!.ToDocument(), Gone) : Here.ChangeProfileAsync(Name, _form!.ToDocument(), Gone), _errors, "name", "basedOn", "changes", "changes.*");
        if (!saved)
            return;
        Done(T["action.saved"]);
        Navigation.NavigateTo(Link("profiles"));
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["profiles.delete-title", Name!], T["profiles.delete-text"], T["profiles.delete"], Name!, () => Here.DeleteProfileAsync(Name!, Gone)))
            Navigation.NavigateTo(Link("profiles"));
    }
}
