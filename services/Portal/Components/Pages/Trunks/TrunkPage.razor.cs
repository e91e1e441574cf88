using CloudPbx.Contracts.Trunks;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>Sets a trunk up: where the carrier is, how it knows us, what it wants otherwise than its profile says.</summary>
public partial class TrunkPage
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<TrunkProfile>? _profiles;
    private TrunkForm? _form;
    private string? _shown;

    /// <summary>The trunk's name; <see langword="null"/> for a new one.</summary>
    [Parameter] public string? Name { get; set; }

    private TrunkProfile Chosen => _form!.ChosenOf(_profiles!);

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
        _profiles = [.. await Api.ProfilesAsync(Gone), .. (await Here.ProfilesAsync(Gone)).Select(own => own.Profile)];
        _form = Name is null ? TrunkForm.New() : TrunkForm.Of(await Here.TrunkAsync(Name, Gone));
    });

    private async Task SaveAsync()
    {
        bool saved = await TryAsync(
            () => Name is null ? Here.CreateTrunkAsync(_form!.ToDocument(), Gone) : Here.ChangeTrunkAsync(Name, _form!.ToDocument(), Gone), _errors,
            "name", "profile", "server.host", "server.port", "accounts*", "sources*", "defaultExtension", "maxChannels", "changes.*");
        if (!saved)
            return;
        Done(T["action.saved"]);
        Navigation.NavigateTo(Link("trunks"));
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["trunks.delete-title", Name!], T["trunks.delete-text"], T["trunks.delete"], Name!, () => Here.DeleteTrunkAsync(Name!, Gone)))
            Navigation.NavigateTo(Link("trunks"));
    }
}
