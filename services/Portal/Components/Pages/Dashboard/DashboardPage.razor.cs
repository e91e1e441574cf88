using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Live;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Dashboard;

/// <summary>What happens in a tenant, at a glance.</summary>
public partial class DashboardPage
{
    private const int MostPages = 10, PageSize = 200;

    private IDisposable? _watch;
    private CallHours? _hours;
    private IReadOnlyList<TrunkStatusDto>? _trunks;
    private Page<ExtensionDto>? _extensions;
    private string? _shown;

    [Inject] private LiveTenant Live { get; set; } = null!;

    private string ExtensionCount => _extensions is null ? "" : $"{_extensions.Items.Count}{(_extensions.Next is null ? "" : "+")}";

    private IReadOnlyList<SharePart> Qualities =>
        [.. ((string[])["good", "fair", "poor", "bad"]).Select(word => new SharePart(T["quality." + word], _hours!.Sounding("quality." + word), word))];

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

    private async Task ReadHoursAsync()
    {
        CallHours hours = new(Clock.UtcNow, Clock.Zone);
        CallFilter filter = new() { From = hours.From };
        string? next = null;
        for (int page = 0; page < MostPages && (page == 0 || next is not null); page++)
        {
            Page<CallRecordDto> calls = await Here.CallsAsync(filter, next, PageSize, Gone);
            foreach (CallRecordDto call in calls.Items)
                hours.Add(call);
            next = calls.Next;
        }
        hours.IsPartial = next is not null;
        _hours = hours;
    }

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
