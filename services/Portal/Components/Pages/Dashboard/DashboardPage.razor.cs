using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Live;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Dashboard;

/// <summary>What happens in a tenant, at a glance.</summary>
public partial class DashboardPage
{
    private IDisposable? _watch;
    private CallHours? _hours;
    private IReadOnlyList<TrunkStatusDto>? _trunks;
    private Page<ExtensionDto>? _extensions;
    private string? _shown;

    [Inject] private LiveTenant Live { get; set; } = null!;

    private string ExtensionCount => _extensions is null ? "" : $"{_extensions.Items.Count}{(_extensions.Next is null ? "" : "+")}";

    private IReadOnlyList<SharePart> Qualities =>
        [.. Enum.GetValues<SoundQuality>().Select(quality => (Quality: quality, Word: quality.ToString().ToLowerInvariant())).Select(one => new SharePart(T["quality." + one.Word], _hours!.Sounding(one.Quality), one.Word))];

    private IReadOnlyList<SharePart> Transports =>
        [.. Live.Phones.GroupBy(phone => phone.Phone.Transport).OrderByDescending(group => group.Count()).Select(group => new SharePart(group.Key.ToUpperInvariant(), group.Count(), group.Key))];

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
        (_hours, _trunks, _extensions) = (null, null, null);
        await ReadAsync();
    }

    /// <inheritdoc/>
    protected override void Left()
    {
        Live.Changed -= Refresh;
        _watch?.Dispose();
    }

    // Beside each other: the slowest of them is what is waited for.
    private Task ReadAsync() => LoadAsync(() => Task.WhenAll(ReadExtensionsAsync(), ReadHoursAsync(), ReadTrunksAsync()));

    private async Task ReadExtensionsAsync() => _extensions = await Here.ExtensionsAsync(null, Gone);

    private async Task ReadTrunksAsync() => _trunks = await Here.TrunkStatusAsync(Gone);

    private async Task ReadHoursAsync() => _hours = new CallHours(await Here.CallHoursAsync(CallHours.Beginning(Clock.UtcNow, Clock.Zone), Gone), Clock.Zone);

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
