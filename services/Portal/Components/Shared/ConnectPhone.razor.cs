using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.Phones;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Shared;

/// <summary>What to type into a phone, and a light that turns green when that phone has registered.</summary>
public partial class ConnectPhone
{
    private const string EchoTest = "*43";

    private PhoneKind _kind;
    private PhoneAccount? _account;
    private string? _qr;
    private bool _heard;

    /// <summary>The tenant.</summary>
    [Parameter, EditorRequired] public string Tenant { get; set; } = "";

    /// <summary>The device; with its password where that was made just now.</summary>
    [Parameter, EditorRequired] public DeviceDto Device { get; set; } = null!;

    /// <summary>The tenant's SIP domain.</summary>
    [Parameter] public string? Domain { get; set; }

    /// <summary>Whether the server's address alone leads to this tenant.</summary>
    [Parameter] public bool IsDefault { get; set; }

    /// <summary>The extension's name.</summary>
    [Parameter] public string DisplayName { get; set; } = "";

    /// <summary>What happens in the tenant.</summary>
    [Parameter, EditorRequired] public LiveTenant Live { get; set; } = null!;

    /// <summary>The user has enough.</summary>
    [Parameter] public EventCallback Closed { get; set; }

    /// <summary>The user wants a new password.</summary>
    [Parameter] public EventCallback NewSecret { get; set; }

    [Inject] private PhoneAccess Access { get; set; } = null!;

    private LivePhoneDto? Phone => Live.PhoneOf(Device.Id);

    private PhoneAccount Account => _account!;

    /// <inheritdoc/>
    protected override void OnInitialized() => Live.Changed += Refresh;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        string server = Access.ServerFor(new Uri(Navigation.BaseUri), OwnAddresses.Find());
        var account = new PhoneAccount(Domain ?? server, server, Access.TlsPort, Access.SipPort, Device.AuthUser, Device.Secret, DisplayName, IsDefault);
        if (account == _account)
            return;
        _account = account;
        _qr = null;
    }

    /// <inheritdoc/>
    protected override void Left() => Live.Changed -= Refresh;

    /// <summary>A link is made only for who wants to scan it: scanning gives the phone another password than the one that is shown.</summary>
    private async Task ShowCodeAsync() => await TryAsync(async () =>
    {
        ProvisioningLinkDto link = await Api.Of(Tenant).ProvisionAsync(Device.Id, Gone);
        _qr = PhoneQr.Of(ProvisioningAddress.Of(link.Url, new Uri(Navigation.BaseUri), Account.Server));
    });

    private void Refresh()
    {
        _heard |= Live.Calls.Any(call => call.CalledNumber == EchoTest && call.CallerNumber == Device.Extension && call.AnsweredAt is not null);
        _ = InvokeAsync(StateHasChanged);
    }
}
