using CloudPbx.Portal.Live;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Phones;

/// <summary>The phones that are registered now.</summary>
public partial class PhonesPage
{
    private IDisposable? _watch;
    private string? _shown;

    [Inject] private LiveTenant Live { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnInitialized() => Live.Changed += Refresh;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _watch?.Dispose();
        _watch = Live.Watch(Tenant);
    }

    /// <inheritdoc/>
    protected override void Left()
    {
        Live.Changed -= Refresh;
        _watch?.Dispose();
    }

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
