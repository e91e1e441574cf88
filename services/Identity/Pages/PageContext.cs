using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Identity.Brands;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Primitives;

namespace CloudPbx.Identity.Pages;

/// <summary>What every page needs of its request.</summary>
/// <param name="Texts">The language's texts.</param>
/// <param name="FormField">Name of the hidden field against forged forms.</param>
/// <param name="FormToken">Its value.</param>
/// <param name="Action">Where the page's form goes: the page's own address.</param>
/// <param name="LanguageLinks">The same page in each language.</param>
/// <param name="Brand">As what it appears.</param>
/// <param name="OwnAuthority">Whether the certificate is of an authority that browsers do not know.</param>
public sealed record PageContext(PageTexts Texts, string FormField, string FormToken, string Action, IReadOnlyList<(PageTexts Language, string Link)> LanguageLinks, Brand Brand, bool OwnAuthority)
{
    private const string LanguageParameter = "lang";
    private const string LanguageCookie = "cloudpbx-language";

    /// <summary>A text that names the product, with the brand's name.</summary>
    public string Named(string text) => text.Replace(Brand.ProductName, Brand.Name, StringComparison.Ordinal);

    /// <summary>Reads a request; a chosen language is remembered in a cookie.</summary>
    public static PageContext Of(HttpContext http, IAntiforgery forms)
    {
        AntiforgeryTokenSet tokens = forms.GetAndStoreTokens(http);
        string? chosen = http.Request.Query[LanguageParameter];
        if (chosen is not null)
        {
            http.Response.Cookies.Append(LanguageCookie, PageTexts.For(chosen).Language, new CookieOptions
            {
                Path = "/", MaxAge = TimeSpan.FromDays(365), Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true,
            });
        }
        PageTexts texts = PageTexts.For(chosen ?? http.Request.Cookies[LanguageCookie] ?? Wanted(http));
        IEnumerable<KeyValuePair<string, StringValues>> query = http.Request.Query.Where(p => p.Key != LanguageParameter);
        string action = http.Request.Path + QueryString.Create(query);
        return new PageContext(
            texts, tokens.FormFieldName, tokens.RequestToken!, action,
            [.. PageTexts.All.Select(language => (language, http.Request.Path + QueryString.Create(query.Append(new(LanguageParameter, language.Language)))))], BrandHosts.Of(http), http.RequestServices.GetRequiredService<IConfiguration>()["Portal:AuthorityFile"] is { Length: > 0 });
    }

    /// <summary>The client's wish (<c>ui_locales</c>, OpenID Connect Core §3.1.2.1), which travels in the return address, then the browser's.</summary>
    private static string? Wanted(HttpContext http)
    {
        string target = http.Request.Query[AccountEndpoints.ReturnParameter].ToString();
        int question = target.IndexOf('?', StringComparison.Ordinal);
        string? locales = question < 0
            ? http.Request.Query["ui_locales"]
            : Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(target[question..]).GetValueOrDefault("ui_locales");
        if (!string.IsNullOrEmpty(locales))
            return locales.Split(' ')[0];
        return http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.Value)
            .FirstOrDefault(language => language?.StartsWith("en", StringComparison.OrdinalIgnoreCase) == true || language?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true);
    }
}
