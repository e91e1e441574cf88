using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Pages.Trunks;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Platform;

/// <summary>Sets a shared trunk of the platform or of a reseller up: a carrier that knows us by our address, or at which lines are registered once for all, and that serves the tenants that get numbers of it.</summary>
public partial class PlatformTrunkPage
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<TrunkProfile>? _profiles;
    private TrunkForm? _form;

    private SharedTrunkApi Shared => Api.SharedTrunks(Reseller);

    /// <summary>The trunk's name; <see langword="null"/> for a new one.</summary>
    [Parameter] public string? Name { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _form = null;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _profiles = await Api.ProfilesAsync(Gone);
        _form = Name is null ? new TrunkForm { Kind = TrunkKind.Ip } : TrunkForm.Of(await Shared.GetAsync(Name, Gone));
    });

    private async Task SaveAsync()
    {
        bool saved = await TryAsync(
            () => Name is null ? Shared.CreateAsync(_form!.ToPlatformDocument(), Gone) : Shared.ChangeAsync(Name, _form!.ToPlatformDocument(), Gone), _errors,
            "name", "profile", "server.host", "server.port", "accounts*", "sources*", "maxChannels", "changes.*");
        if (!saved)
            return;
        Done(T["action.saved"]);
        Navigation.NavigateTo(Link("trunks"));
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["trunks.delete-title", Name!], T["platform-trunks.delete-text"], T["trunks.delete"], Name!, () => Shared.DeleteAsync(Name!, Gone)))
            Navigation.NavigateTo(Link("trunks"));
    }
}
