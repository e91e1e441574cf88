using System.Text.RegularExpressions;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Resellers;

namespace CloudPbx.Api.Resellers;

internal static partial class BrandingMapping
{
    public static BrandingDto ToDto(this Branding? branding) => new()
    {
        Name = branding?.Name, LogoUrl = branding?.LogoUrl, Color = branding?.Color, Host = branding?.Host, SupportEmail = branding?.SupportEmail,
    };

    public static Branding ToBranding(this BrandingDto wish) => new()
    {
        Name = wish.Name, LogoUrl = wish.LogoUrl, Color = wish.Color, Host = wish.Host is { } host ? Rules.NormalizeDomain(host) : null, SupportEmail = wish.SupportEmail,
    };

    public static BrandingDto ReadBranding(this ObjectReader reader) => new()
    {
        Name = reader.Optional("name", Rules.DisplayName),
        LogoUrl = reader.Optional("logoUrl", HttpsUrl),
        Color = reader.Optional("color", text => Colors().IsMatch(text) ? null : "Must be a colour such as \"#0b5cad\"."),
        Host = reader.Optional("host", Rules.Domain),
        SupportEmail = reader.Optional("supportEmail", Rules.Email),
    };

    private static string? HttpsUrl(string text) =>
        text.Length <= 500 && Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0
            ? null : "Must be an address that begins with https://, at most 500 characters.";

    [GeneratedRegex("^#[0-9A-Fa-f]{6}\\z")]
    private static partial Regex Colors();
}
