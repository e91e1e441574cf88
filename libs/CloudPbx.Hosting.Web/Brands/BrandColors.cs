using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPbx.Hosting.Web.Brands;

/// <summary>
/// What pages make of a brand's colour: it is taken as it is wherever it can be read, and is darkened or lightened just as far as reading it asks elsewhere (WCAG 2.2, 1.4.3: 4.5 to 1).
/// </summary>
public sealed partial record BrandColors
{
    // The product's grounds (the portal's Look.cs, Identity's site.css). Tinted ones lie between them and the colour itself, so a little more than 4.5 is asked for.
    private const string Paper = "#f6f4ef", Night = "#182124", SideText = "#cfe0dc";
    private const double Readable = 5.2, ReadableAtNight = 6, ReadableAside = 8;

    /// <summary>The colour as it was chosen, <c>#rrggbb</c>.</summary>
    public required string Chosen { get; init; }

    /// <summary>Links, buttons and marks on light ground.</summary>
    public required string Light { get; init; }

    /// <summary>Text on <see cref="Light"/>.</summary>
    public required string OnLight { get; init; }

    /// <summary>Links, buttons and marks on dark ground.</summary>
    public required string Dark { get; init; }

    /// <summary>Text on <see cref="Dark"/>.</summary>
    public required string OnDark { get; init; }

    /// <summary>The ground of the navigation, whose text is light.</summary>
    public required string Side { get; init; }

    /// <summary>Reads a colour.</summary>
    /// <param name="color"><c>#rrggbb</c>.</param>
    /// <returns>What to make of it; <see langword="null"/>: that is no colour, and nothing of it gets into a style.</returns>
    public static BrandColors? Of(string? color)
    {
        if (color is null || !Colors().IsMatch(color))
            return null;
        string light = Toward(color, "#000000", Paper, Readable), dark = Toward(color, "#ffffff", Night, ReadableAtNight);
        return new BrandColors { Chosen = color, Light = light, OnLight = On(light), Dark = dark, OnDark = On(dark), Side = Toward(color, "#000000", SideText, ReadableAside) };
    }

    /// <summary>Black or white, whichever is read better on a colour; one of them always has 4.5 to 1.</summary>
    /// <param name="color"><c>#rrggbb</c>.</param>
    public static string On(string color) => Contrast(color, "#ffffff") >= Contrast(color, "#000000") ? "#ffffff" : "#000000";

    /// <summary>The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").</summary>
    /// <param name="one"><c>#rrggbb</c>.</param>
    /// <param name="other"><c>#rrggbb</c>.</param>
    public static double Contrast(string one, string other)
    {
        (double a, double b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>The product's mark in the brand's colour, for pages and as the browser's icon.</summary>
    /// <returns>An address of the <c>data:</c> scheme.</returns>
    public string Mark()
    {
        string on = On(Chosen), mark = $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="{Chosen}"/><g fill="none" stroke="{on}" stroke-width="2.6" stroke-linecap="round"><path d="M9 16a7 7 0 0 1 14 0"/><path d="M9 16v3.2a2.3 2.3 0 0 0 4.6 0v-1.4a2.3 2.3 0 0 0-4.6 0M23 16v3.2a2.3 2.3 0 0 1-4.6 0v-1.4a2.3 2.3 0 0 1 4.6 0"/></g><circle cx="23.6" cy="8.4" r="2.4" fill="{on}"/></svg>
            """;
        return "data:image/svg+xml," + Uri.EscapeDataString(mark);
    }

    /// <summary>The colour itself where it has the contrast, else the nearest one on the way to black or white that has it.</summary>
    private static string Toward(string color, string end, string ground, double contrast)
    {
        (int from, int to) = (Value(color), Value(end));
        for (int step = 0; step <= 50; step++)
        {
            string mixed = string.Create(CultureInfo.InvariantCulture, $"#{Mix(16):x2}{Mix(8):x2}{Mix(0):x2}");
            if (Contrast(mixed, ground) >= contrast)
                return mixed;

            int Mix(int shift) => (((from >> shift & 0xFF) * (50 - step)) + ((to >> shift & 0xFF) * step)) / 50;
        }
        return end;
    }

    private static double Luminance(string color)
    {
        int value = Value(color);
        return (0.2126 * Part(value >> 16)) + (0.7152 * Part(value >> 8)) + (0.0722 * Part(value));

        static double Part(int value)
        {
            double part = (value & 0xFF) / 255.0;
            return part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
        }
    }

    private static int Value(string color) => int.Parse(color.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex("^#[0-9A-Fa-f]{6}\\z")]
    private static partial Regex Colors();
}
