using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.SignUp;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.SignUp;

/// <summary>A company's first minutes: its first phone, the echo test, and what comes next.</summary>
public partial class WelcomePage
{
    private TenantDto? _tenant;
    private ExtensionDto? _extension;
    private DeviceDto? _device;
    private DateTime? _trialEndsAt;
    private IDisposable? _watch;
    private string? _domain;
    private bool _none;

    [Inject] private LiveTenant Live { get; set; } = null!;

    [Inject] private IFirstPhone FirstPhone { get; set; } = null!;

    private string? Lead => _extension is null || _domain is null ? null : string.Join(" ", new[]
    {
        T["signup.done-text", _extension.Number, _domain], _trialEndsAt is { } end ? T["signup.trial", Clock.Local(end).ToString(T["time.date"], CultureInfo.CurrentCulture)] : null,
    }.Where(sentence => sentence is not null));

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        _watch = Live.Watch(Tenant);
        return ReadAsync();
    }

    /// <inheritdoc/>
    protected override void Left() => _watch?.Dispose();

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _tenant = (await Here.GetAsync(Gone)).Value;
        _domain = (await Here.DomainsAsync(Gone)).FirstOrDefault(domain => domain.IsRealm)?.Name;
        _trialEndsAt = (await Here.PlanAsync(Gone)).Value.TrialEndsAt;
        _extension = (await Here.ExtensionsAsync(null, Gone)).Items is [var first, ..] ? first : null;
        DeviceDto? device = _extension is not null && await Here.DevicesOfAsync(_extension.Number, Gone) is [var phone, ..] ? phone : null;
        _none = device is null;
        if (device is not null)
            _device = device with { Secret = await FirstPhone.SecretOfAsync(device.Extension, Gone) };
    });

    private async Task ResetSecretAsync()
    {
        if (await DestroyAsync(T["phones.new-secret-title", _device!.Name], T["phones.new-secret-text"], T["phones.new-secret"], _device.Name, async () => _device = await Here.NewSecretAsync(_device.Id, Gone)))
            Done(T["phones.new-secret-done"]);
    }

    private void GoOn() => Navigation.NavigateTo(Link());
}
