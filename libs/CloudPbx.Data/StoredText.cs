using System.Text;

namespace CloudPbx.Data;

/// <summary>Strangers' texts, made fit to be stored and shown.</summary>
public static class StoredText
{
    /// <summary>
    /// Cuts a text and drops its control characters: PostgreSQL refuses NUL in a text, and a lone surrogate half; a page shows neither. Those that turn the direction of writing go too
    /// (UAX #9 §2): with them a stranger's text would show what stands around it in another order (S22).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How many UTF-16 units of it are kept.</param>
    /// <returns>What is left; <see langword="null"/> for none.</returns>
    public static string? Clean(string? text, int length)
    {
        if (text is null || (text.Length <= length && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            return text;
        string clean = string.Concat(text.EnumerateRunes().Where(r => !Rune.IsControl(r) && !Turns(r)).Select(r => r.ToString()));
        if (clean.Length > length)
            clean = clean[..(char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length)];
        return clean;
    }

    // LRM, RLM, ALM; embeddings and overrides; isolates.
    private static bool Turns(Rune rune) => rune.Value is 0x200E or 0x200F or 0x061C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
