using System.Collections.Concurrent;
using CloudPbx.Hosting.Web.Brands;
using MudBlazor;

namespace CloudPbx.Portal.Components.Layout;

/// <summary>The product's colours and type, light and dark, in one place; shape and density are in <c>wwwroot/portal.css</c>.</summary>
/// <remarks>Petrol for what can be done, a warm paper beneath it, amber for what rings. Texts keep a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3).</remarks>
internal static class Look
{
    private const int MostBrands = 100;

    private static readonly ConcurrentDictionary<string, MudTheme> s_brands = new(StringComparer.Ordinal);

    private static readonly string[] s_font = ["Inter", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"];

    /// <summary>The product's own look.</summary>
    public static MudTheme Theme { get; } = Make(null);

    /// <summary>The look of a brand: its colour for what can be done, all else as it is. One for all who are shown the same colour.</summary>
    public static MudTheme Of(Brand brand)
    {
        if (brand is not { Color: { } color, Colors: { } colors })
            return Theme;
        if (s_brands.Count >= MostBrands)
            s_brands.Clear();
        return s_brands.GetOrAdd(color, static (_, found) => Make(found), colors);
    }

    private static MudTheme Make(BrandColors? brand) => new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = brand?.Light ?? "#0e6b66",
            PrimaryContrastText = brand?.OnLight ?? "#ffffff",
            Secondary = "#a64b14",
            Tertiary = "#2f6690",
            Success = "#2e7d4f",
            Warning = "#9a5b00",
            Error = "#b3261e",
            Info = "#2f6690",
            Dark = "#1e2a2e",
            Background = "#f6f4ef",
            Surface = "#ffffff",
            AppbarBackground = "#12302f",
            DrawerBackground = "#12302f",
            TextPrimary = "#1e2a2e",
            TextSecondary = "#56666b",
            TextDisabled = "#87949a",
            ActionDefault = "#56666b",
            LinesDefault = "#e6e1d7",
            LinesInputs = "#8f9ca0",
            TableLines = "#e6e1d7",
            Divider = "#e6e1d7",
        },
        PaletteDark = new PaletteDark
        {
            Primary = brand?.Dark ?? "#6cc9bd",
            PrimaryContrastText = brand?.OnDark ?? "#08211f",
            Secondary = "#f0a060",
            Tertiary = "#8ab8dd",
            Success = "#6fcf97",
            SuccessContrastText = "#08211f",
            Warning = "#e3b341",
            WarningContrastText = "#221800",
            Error = "#ff8a80",
            ErrorContrastText = "#2d0603",
            Info = "#8ab8dd",
            Dark = "#0b1112",
            Background = "#101719",
            Surface = "#182124",
            AppbarBackground = "#0b1112",
            DrawerBackground = "#0b1112",
            TextPrimary = "#e6ecea",
            TextSecondary = "#a3b3b1",
            TextDisabled = "#70807f",
            ActionDefault = "#a3b3b1",
            LinesDefault = "#2b383b",
            LinesInputs = "#64757a",
            TableLines = "#2b383b",
            Divider = "#2b383b",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_font, FontSize = ".9375rem", LetterSpacing = "0" },
            H6 = new H6Typography { FontFamily = s_font, FontSize = "1.125rem", FontWeight = "620", LetterSpacing = "-.01em" },
            Button = new ButtonTypography { FontFamily = s_font, FontSize = ".9375rem", FontWeight = "560", LetterSpacing = "0", TextTransform = "none" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "9px" },
    };
}
