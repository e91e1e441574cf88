using System.Globalization;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Localization;

namespace CloudPbx.Portal.Languages;

/// <summary>Which language a browser gets: the one that was chosen, else the one it asks for.</summary>
internal static class LanguageEndpoints
{
    /// <summary>The cookie with the chosen language's tag. Identity's pages, on the same address, read and write it too.</summary>
    public const string Cookie = "cloudpbx-language";

    private static readonly CultureInfo[] s_cultures = [new("en"), new("zh-CN")];

    public static RequestLocalizationOptions Localization { get; } = new()
    {
        DefaultRequestCulture = new RequestCulture("en"),
        // Numbers, dates: an English reader in Germany is better served by the ISO forms of "en" than by a guess.
        SupportedCultures = [.. s_cultures, new("zh"), new("en-US"), new("en-GB")],
        SupportedUICultures = [.. s_cultures, new("zh"), new("en-US"), new("en-GB")],
        RequestCultureProviders = [new CustomRequestCultureProvider(ChosenAsync), new AcceptLanguageHeaderRequestCultureProvider()],
    };

    public static void AddPortalLanguages(this IServiceCollection services) => services.AddTransient<Texts>();

    public static void MapLanguages(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/language/{language}", Choose).ExcludeFromDescription();

    private static RedirectHttpResult Choose(string language, string? @return, HttpContext http)
    {
        if (TextCatalog.Languages.Any(known => known.Tag == language))
        {
            http.Response.Cookies.Append(Cookie, language, new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365), IsEssential = true, SameSite = SameSiteMode.Lax, Secure = true, HttpOnly = true, Path = "/",
            });
        }
        return TypedResults.LocalRedirect(SignInEndpoints.Local(@return));
    }

    private static Task<ProviderCultureResult?> ChosenAsync(HttpContext http) => Task.FromResult(http.Request.Cookies[Cookie] switch
    {
        TextCatalog.Chinese => new ProviderCultureResult("zh-CN"),
        TextCatalog.English => new ProviderCultureResult("en"),
        _ => null,
    });
}
