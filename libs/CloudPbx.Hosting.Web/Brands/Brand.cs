using System.Globalization;
using System.Text.Json.Serialization;

namespace CloudPbx.Hosting.Web.Brands;

/// <summary>As what pages appear: the product, or the brand of a reseller or tenant.</summary>
/// <param name="Name">What the product is called.</param>
/// <param name="LogoUrl">An image by HTTPS; <see langword="null"/>: the product's mark in the brand's colour.</param>
/// <param name="Color">The colour, <c>#rrggbb</c>.</param>
/// <param name="SupportEmail">Whom to ask for help.</param>
/// <param name="Host">The own host name.</param>
public sealed record Brand(string Name, string? LogoUrl = null, string? Color = null, string? SupportEmail = null, string? Host = null)
{
    /// <summary>The product's own name.</summary>
    public const string ProductName = "CloudPbx";

    private const string ProductMark = "/portal/mark.svg";

    /// <summary>The product itself.</summary>
    public static Brand Product { get; } = new(ProductName);

    /// <summary>What pages make of the colour; <see langword="null"/>: the product's colours.</summary>
    [JsonIgnore]
    public BrandColors? Colors => BrandColors.Of(Color);

    /// <summary>The image beside the name, and the browser's icon.</summary>
    [JsonIgnore]
    public string Mark => SafeLogo?.AbsoluteUri ?? Colors?.Mark() ?? ProductMark;

    /// <summary>Where the logo comes from, for the list of what a page may load; <see langword="null"/>: from us.</summary>
    [JsonIgnore]
    public string? LogoOrigin => SafeLogo is { } logo ? string.Create(CultureInfo.InvariantCulture, $"https://{logo.IdnHost}:{logo.Port}") : null;

    private Uri? SafeLogo => Uri.TryCreate(LogoUrl, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps ? url : null;

    /// <summary>Makes a brand of what somebody has set; what they have not is the product's.</summary>
    /// <param name="name">The product's name as they know it.</param>
    /// <param name="logoUrl">The logo's address.</param>
    /// <param name="color">The colour.</param>
    /// <param name="supportEmail">Whom to ask.</param>
    /// <param name="host">The own host name.</param>
    public static Brand Of(string? name, string? logoUrl, string? color, string? supportEmail, string? host) =>
        name is null && logoUrl is null && color is null && supportEmail is null && host is null ? Product : new Brand(name ?? ProductName, logoUrl, color, supportEmail, host);
}
