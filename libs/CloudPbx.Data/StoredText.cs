using System.Text;

namespace CloudPbx.Data;

/// <summary>Strangers' texts, made fit to be stored and shown.</summary>
internal static class StoredText
{
    /// <summary>Cuts a text and drops its control characters: PostgreSQL refuses NUL in a text, and a lone surrogate half; a page shows neither.</summary>
    public static string? Clean(string? text, int length)
    {
        if (text is null)
            return null;
        string clean = string.Concat(text.EnumerateRunes().Where(r => !Rune.IsControl(r)).Select(r => r.ToString()));
        if (clean.Length > length)
            clean = clean[..(char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length)];
        return clean;
    }
}
