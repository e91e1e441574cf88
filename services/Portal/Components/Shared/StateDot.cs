using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Live;
using CloudPbx.Portal.Languages;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Shared;

/// <summary>A dot and its word. One text that all circuits share, and no component: a list has one in every row, and a circuit keeps every part of what it shows.</summary>
internal static class StateDot
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    // As many as there are states, in each language.
    private static readonly ConcurrentDictionary<(string Look, string Word), MarkupString> s_drawn = [];

    /// <summary>What an extension does.</summary>
    /// <param name="state">The state.</param>
    /// <param name="words">The reader's words.</param>
    public static MarkupString Of(ExtensionState state, Texts words)
    {
        string name = state.ToString().ToLowerInvariant();
        return Of(name, words["state." + name]);
    }

    /// <summary>How a call ended.</summary>
    /// <param name="disposition">How.</param>
    /// <param name="words">The reader's words.</param>
    public static MarkupString Of(CallDisposition disposition, Texts words) => Of(
        disposition switch { CallDisposition.Answered => "good", CallDisposition.Failed or CallDisposition.Rejected => "bad", _ => "" },
        words["disposition." + disposition.ToString().ToLowerInvariant()]);

    private static MarkupString Of(string look, string word) => s_drawn.GetOrAdd(
        (look, word), static dot => new MarkupString($"""<span class="cp-state"><span class="cp-dot {dot.Look}" aria-hidden="true"></span>{s_encoder.Encode(dot.Word)}</span>"""));
}
