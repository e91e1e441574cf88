using System.Globalization;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>Instants and durations as the user reads them: in the browser's time zone and the language's form.</summary>
/// <param name="time">The clock.</param>
/// <param name="zone">The browser's zone.</param>
/// <param name="texts">The words.</param>
public sealed class Clock(TimeProvider time, TimeZoneInfo zone, Texts texts)
{
    /// <summary>The browser's zone.</summary>
    public TimeZoneInfo Zone => zone;

    /// <summary>Now, UTC.</summary>
    public DateTime UtcNow => time.GetUtcNow().UtcDateTime;

    /// <summary>A zone by its IANA name; UTC for a name that this machine does not know.</summary>
    /// <param name="name">As <c>Europe/Berlin</c>.</param>
    public static TimeZoneInfo ZoneOf(string? name) => name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? found) ? found : TimeZoneInfo.Utc;

    /// <summary>An instant in the user's zone.</summary>
    /// <param name="utc">The instant.</param>
    public DateTime Local(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone);

    /// <summary>The instant at which a day begins where the user is, UTC.</summary>
    /// <param name="day">The day.</param>
    public DateTime StartOf(DateTime day)
    {
        DateTime start = DateTime.SpecifyKind(day.Date, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(start))
            start = start.AddMinutes(30);                   // summer time begins at midnight in some countries
        return TimeZoneInfo.ConvertTimeToUtc(start, zone);
    }

    /// <summary>Day and time; of today the time alone.</summary>
    /// <param name="utc">The instant.</param>
    public string When(DateTime utc)
    {
        DateTime local = Local(utc);
        DateTime today = Local(UtcNow).Date;
        string clock = local.ToString("HH:mm", CultureInfo.CurrentCulture);
        if (local.Date == today)
            return clock;
        if (local.Date == today.AddDays(-1))
            return texts["time.yesterday", clock];
        return local.ToString(texts[local.Year == today.Year ? "time.day" : "time.date"], CultureInfo.CurrentCulture) + " " + clock;
    }

    /// <summary>Day and time with seconds.</summary>
    /// <param name="utc">The instant.</param>
    public string Exactly(DateTime utc) => Local(utc).ToString(texts["time.date"] + " HH:mm:ss", CultureInfo.CurrentCulture);

    /// <summary>How long, as a clock shows it: <c>4:07</c>, <c>1:02:30</c>.</summary>
    /// <param name="duration">How long.</param>
    public static string Length(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            duration = TimeSpan.Zero;
        return duration.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalHours}:{duration.Minutes:00}:{duration.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}:{duration.Seconds:00}");
    }
}
