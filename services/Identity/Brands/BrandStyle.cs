using CloudPbx.Hosting.Web.Brands;

namespace CloudPbx.Identity.Brands;

/// <summary>A brand's colours as a style sheet of its own: the pages' policy allows none in the page.</summary>
internal static class BrandStyle
{
    public const string Path = "/account/brand.css";

    /// <summary>The style sheet's address.</summary>
    public static string For(BrandColors colors) => $"{Path}?color={colors.Chosen[1..]}";

    /// <summary>Answers it. The colour is in the address, so that it can be kept.</summary>
    public static IResult Get(HttpContext http, string? color)
    {
        if (BrandColors.Of("#" + color) is not { } c)
            return Results.NotFound();
        http.Response.Headers.CacheControl = "public, max-age=86400";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Text(
            $$"""
            :root { --accent: {{c.Light}}; --on-accent: {{c.OnLight}}; --glow: {{c.Light}}22; --glow-2: {{c.Light}}14; }
            @media (prefers-color-scheme: dark) { :root { --accent: {{c.Dark}}; --on-accent: {{c.OnDark}}; --glow: {{c.Dark}}1a; --glow-2: {{c.Dark}}10; } }
            """, "text/css; charset=utf-8");
    }
}
