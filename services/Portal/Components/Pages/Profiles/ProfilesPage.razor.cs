using CloudPbx.Contracts.Api;

namespace CloudPbx.Portal.Components.Pages.Profiles;

/// <summary>A tenant's own profiles of carriers, and which trunks use them.</summary>
public partial class ProfilesPage
{
    private IReadOnlyList<ProfileDto>? _profiles;
    private string? _shown;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _profiles = null;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () => _profiles = await Here.ProfilesAsync(Gone));
}
