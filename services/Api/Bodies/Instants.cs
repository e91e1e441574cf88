using System.Globalization;

namespace CloudPbx.Api.Bodies;

/// <summary>Reads instants of queries and bodies.</summary>
internal static class Instants
{
    private const string Advice = "Must be an instant such as 2026-11-23T08:00:00Z.";

    /// <summary>Reads a query's instant; null where it names none, or a wrong one, which is told.</summary>
    public static DateTime? Read(IQueryCollection query, string name, RequestErrors errors)
    {
        string? text = query[name];
        if (string.IsNullOrEmpty(text))
            return null;
        // A plus sign of an offset that was not escaped arrives as a space.
        if (TryParse(text.Replace(' ', '+'), out DateTime instant))
            return instant;
        errors.Add(name, Advice);
        return null;
    }

    /// <summary>What is wrong with a body's instant, or null.</summary>
    public static string? Rule(string text) => TryParse(text, out _) ? null : Advice;

    /// <summary>Gives an instant that <see cref="Rule"/> has found right.</summary>
    public static DateTime Parse(string text) => TryParse(text, out DateTime instant) ? instant : throw new ArgumentException("It was not checked.", nameof(text));

    private static bool TryParse(string text, out DateTime instant)
    {
        bool read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset parsed);
        instant = parsed.UtcDateTime;
        return read;
    }
}
