using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;

namespace CloudPbx.Portal.Components.Layout;

/// <summary>MudBlazor's provider of a theme, whose styles are written once for all circuits: they are 60 KB, and each circuit keeps what it rendered last.</summary>
public sealed class SharedTheme : MudThemeProvider
{
    private static readonly ConditionalWeakTable<MudTheme, Styles> s_styles = [];

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder __builder)
    {
        ArgumentNullException.ThrowIfNull(__builder);
        if (Theme is not { } theme)
        {
            base.BuildRenderTree(__builder);
            return;
        }
        Styles styles = s_styles.GetOrCreateValue(theme);
#pragma warning disable MUD0010 // Nobody but the parent sets it here, so the parameter and the state are the same.
        string text = IsDarkMode ? styles.Dark ??= Write() : styles.Light ??= Write();
#pragma warning restore MUD0010
        __builder.AddContent(0, new MarkupString(text));
    }

    // What the provider renders, but for the style of its charts, which no page has; a test compares the two.
    private string Write() => BuildMudBlazorScrollbar() + BuildTheme();

    private sealed class Styles
    {
        public string? Light { get; set; }

        public string? Dark { get; set; }
    }
}
