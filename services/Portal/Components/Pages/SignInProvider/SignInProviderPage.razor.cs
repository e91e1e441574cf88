using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Components.Pages.SignInProvider;

/// <summary>A company's own OpenID Connect provider.</summary>
public partial class SignInProviderPage
{
    private readonly FormErrors _errors = new();
    private Versioned<SignInProviderDto>? _present;
    private string? _issuer, _clientId, _clientSecret, _mailDomain, _shown;
    private string _redirect = "";
    private bool _enabled = true, _read;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _read = false;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _errors.Clear();
        TenantDto tenant = (await Here.GetAsync(Gone)).Value;
        Show(await Here.SignInProviderAsync(Gone));
        _redirect = _present?.Value.RedirectUri ?? new Uri(new Uri(Navigation.BaseUri), $"/account/provider/{tenant.Id}").ToString();
        _read = true;
    });

    private void Show(Versioned<SignInProviderDto>? provider)
    {
        _present = provider;
        (_issuer, _clientId, _clientSecret, _mailDomain, _enabled) = (provider?.Value.Issuer, provider?.Value.ClientId, null, provider?.Value.MailDomain, provider?.Value.Enabled ?? true);
    }

    private async Task SaveAsync()
    {
        NewSignInProvider wish = new()
        {
            Issuer = _issuer?.Trim() ?? "", ClientId = _clientId?.Trim() ?? "", ClientSecret = string.IsNullOrEmpty(_clientSecret) ? null : _clientSecret, MailDomain = _mailDomain?.Trim() ?? "", Enabled = _enabled,
        };
        if (!await TryAsync(() => Here.SetSignInProviderAsync(wish, _present?.ETag, Gone), _errors, "issuer", "clientId", "clientSecret", "mailDomain"))
            return;
        await ReadAsync();
        Done(T["provider.saved"]);
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["provider.delete-title"], T["provider.delete-text"], T["provider.delete"], Tenant, () => Here.DeleteSignInProviderAsync(_present?.ETag, Gone)))
            Show(null);
    }
}
