using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Extensions;

/// <summary>One extension: its phones, its name, its last calls.</summary>
public partial class ExtensionPage
{
    private readonly FormErrors _errors = new();
    private Versioned<ExtensionDto>? _extension;
    private List<DeviceDto>? _devices;
    private IReadOnlyList<CallRecordDto>? _calls;
    private DeviceDto? _connecting;
    private IDisposable? _watch;
    private string? _shown, _number, _name, _domain;
    private int? _ringSeconds;
    private RecordingPolicy _recording;
    private RecordingNotice? _notice;
    private SrtpPolicy? _encryption;
    private string? _codecs;
    private ExtensionLimits _limits = ExtensionLimits.None;
    private bool _mayChange, _isDefault;

    /// <summary>The extension's number.</summary>
    [Parameter] public string Number { get; set; } = "";

    /// <summary>Whether the user came to connect a phone.</summary>
    [SupplyParameterFromQuery(Name = "connect")] public string? Connect { get; set; }

    [Inject] private CurrentUser User { get; set; } = null!;

    [Inject] private LiveTenant Live { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnInitialized() => Live.Changed += Refresh;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        string shown = $"{Tenant}/{Number}";
        if (_shown == shown)
            return;
        _shown = shown;
        _watch?.Dispose();
        _watch = Live.Watch(Tenant);
        _mayChange = (await User.GetAsync()).IsAdministrator;
        (_extension, _devices, _calls, _connecting) = (null, null, null, null);
        await ReadAsync();
        if (Connect is not null && _devices is not null)
        {
            if (_devices.Count == 0 && _mayChange)
                await AddDeviceAsync();
            else
                _connecting = _devices.FirstOrDefault();
        }
    }

    /// <inheritdoc/>
    protected override void Left()
    {
        Live.Changed -= Refresh;
        _watch?.Dispose();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        Show(await Here.ExtensionAsync(Number, Gone));
        _devices = [.. await Here.DevicesOfAsync(Number, Gone)];
        _isDefault = (await Here.GetAsync(Gone)).Value.IsDefault;
        _domain = (await Here.DomainsAsync(Gone)).FirstOrDefault(domain => domain.IsRealm)?.Name;
        _calls = (await Here.CallsAsync(new CallFilter { Number = Number }, null, 8, Gone)).Items;
    });

    private void Show(Versioned<ExtensionDto> extension)
    {
        _extension = extension;
        (_number, _name, _ringSeconds, _recording) = (extension.Value.Number, extension.Value.DisplayName, extension.Value.RingSeconds, extension.Value.Recording);
        (_notice, _encryption, _codecs) = (extension.Value.RecordingNotice, extension.Value.Encryption, extension.Value.Codecs is { } codecs ? string.Join(' ', codecs) : null);
        _limits = extension.Value.Limits;
    }

    private string? CodecsError => _errors["codecs"] ?? Enumerable.Range(0, 8).Select(place => _errors[$"codecs[{place}]"]).FirstOrDefault(wrong => wrong is not null);

    private async Task SaveAsync()
    {
        NewExtension wish = new()
        {
            Number = _number?.Trim() ?? "", DisplayName = string.IsNullOrWhiteSpace(_name) ? null : _name.Trim(), RingSeconds = _ringSeconds, Recording = _recording, RecordingNotice = _notice,
            Encryption = _encryption, Codecs = string.IsNullOrWhiteSpace(_codecs) ? null : _codecs.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            Limits = _limits,
            Forwards = _extension!.Value.Forwards,                // they are changed by themselves
        };
        if (!await TryAsync(() => Here.ChangeExtensionAsync(Number, wish, _extension.ETag, Gone), _errors, "number", "displayName", "ringSeconds", "codecs*", "limits*"))
            return;
        Done(T["action.saved"]);
        if (wish.Number != Number)
            Navigation.NavigateTo(Link($"extensions/{wish.Number}"));
        else
            await ReadAsync();
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["extensions.delete-title", Number], T["extensions.delete-text"], T["extensions.delete"], Number, () => Here.DeleteExtensionAsync(Number, Gone)))
        {
            Done(T["extensions.deleted", Number]);
            Navigation.NavigateTo(Link("extensions"));
        }
    }

    private async Task AddDeviceAsync()
    {
        string user = FreeUser();
        NewDevice wish = new() { Extension = Number, Name = T[_devices!.Count == 0 ? "phones.first-name" : "phones.next-name", _devices.Count + 1], AuthUser = user };
        if (!await TryAsync(async () => _connecting = await Here.CreateDeviceAsync(wish, Gone)))
            return;
        _devices.Add(_connecting!);
    }

    /// <summary>The extension's number for its first phone, and a number behind it for the others.</summary>
    private string FreeUser()
    {
        if (_devices!.Count == 0)
            return Number;
        int next = 2;
        while (_devices.Any(device => device.AuthUser == $"{Number}-{next}"))
            next++;
        return $"{Number}-{next}";
    }

    private async Task EditDeviceAsync(DeviceDto device)
    {
        var parameters = new DialogParameters<DeviceDialog> { { x => x.Tenant, Tenant }, { x => x.Device, device } };
        IDialogReference dialog = await Dialogs.ShowAsync<DeviceDialog>(T["action.edit"], parameters);
        if (await dialog.Result is { Canceled: false })
            await ReadAsync();
    }

    private async Task ResetSecretAsync(DeviceDto device)
    {
        if (await DestroyAsync(T["phones.new-secret-title", device.Name], T["phones.new-secret-text"], T["phones.new-secret"], device.Name, async () => _connecting = await Here.NewSecretAsync(device.Id, Gone)))
            Done(T["phones.new-secret-done"]);
    }

    private async Task RemoveDeviceAsync(DeviceDto device)
    {
        if (!await DestroyAsync(T["phones.remove-title", device.Name], T["phones.remove-text"], T["phones.remove"], device.Name, () => Here.DeleteDeviceAsync(device.Id, Gone)))
            return;
        if (_connecting?.Id == device.Id)
            _connecting = null;
        _devices!.RemoveAll(other => other.Id == device.Id);
    }

    private async Task CallAsync() => await (await Dialogs.ShowAsync<NewCallDialog>(
        T["extensions.call"], new DialogParameters<NewCallDialog> { { x => x.Tenant, Tenant }, { x => x.From, Number } })).Result;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
