using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Shared;

/// <summary>An icon as a drawing in the page. No component: each of those keeps two render trees, and an open page has more than thirty icons.</summary>
internal static class Icon
{
    // As many as the pages name; their texts are shared by all circuits.
    private static readonly ConcurrentDictionary<(string Paths, string? Class), MarkupString> s_drawn = [];

    /// <summary>Draws an icon.</summary>
    /// <param name="paths">Its paths: one of <c>MudBlazor.Icons</c>, never what somebody typed.</param>
    /// <param name="css">More classes.</param>
    public static MarkupString Of(string paths, string? css = null) => s_drawn.GetOrAdd(
        (paths, css), static icon => new MarkupString($"""<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="{icon.Class}">{icon.Paths}</svg>"""));
}
