using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Components.Pages.Resellers;

/// <summary>The name, colour, logo and host under which a reseller or a tenant wants to be seen.</summary>
public partial class BrandingPage
{
    private static readonly string[] s_fields = ["name", "color", "logoUrl", "host", "supportEmail"];

    private readonly FormErrors _errors = new();
    private string? _name, _color, _logo, _host, _support, _tag, _shown;
    private ResellerDto? _reseller;
    private bool _read;

    // A reseller's branding is a part of the reseller: what is wrong with it has a longer path.
    private string Prefix => Tenant is null ? "branding." : "";

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Place)
            return;
        (_shown, _read) = (Place, false);
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        if (Tenant is not null)
        {
            Versioned<BrandingDto> branding = await Api.Of(Tenant).BrandingAsync(Gone);
            Show(branding.Value, branding.ETag);
        }
        else
        {
            Versioned<ResellerDto> reseller = await Api.OfReseller(Reseller!).GetAsync(Gone);
            _reseller = reseller.Value;
            Show(reseller.Value.Branding, reseller.ETag);
        }
        _read = true;
    });

    private void Show(BrandingDto branding, string? tag) =>
        (_name, _color, _logo, _host, _support, _tag) = (branding.Name, branding.Color, branding.LogoUrl, branding.Host, branding.SupportEmail, tag);

    private async Task SaveAsync()
    {
        BrandingDto wish = new() { Name = Given(_name), Color = Given(_color), LogoUrl = Given(_logo), Host = Given(_host), SupportEmail = Given(_support) };
        if (!await TryAsync(() => SendAsync(wish), _errors, [.. s_fields.Select(field => Prefix + field)]))
            return;
        await ReadAsync();
        Done(T["branding.saved"]);
    }

    private Task SendAsync(BrandingDto wish) => Tenant is not null
        ? Api.Of(Tenant).ChangeBrandingAsync(wish, _tag, Gone)
        : Api.OfReseller(Reseller!).ChangeAsync(new NewReseller { Name = _reseller!.Name, DisplayName = _reseller.DisplayName, Branding = wish }, _tag, Gone);

    private bool Has(string field) => _errors.Has(Prefix + field);

    private string? Wrong(string field) => _errors[Prefix + field];

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
