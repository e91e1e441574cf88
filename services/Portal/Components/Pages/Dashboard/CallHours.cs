using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Portal.Components.Pages.Dashboard;

/// <summary>The calls of the last 24 hours by the hour in which they began, as the user's clock shows it.</summary>
public sealed class CallHours
{
    private const int Length = 24;

    private readonly CallHoursDto _counted;
    private readonly TimeZoneInfo _zone;

    /// <summary>Takes what was counted.</summary>
    /// <param name="counted">The API's answer.</param>
    /// <param name="zone">The user's zone.</param>
    public CallHours(CallHoursDto counted, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(counted);
        (_counted, _zone) = (counted, zone);
        Answered = counted.Hours.Sum(hour => hour.Answered);
        Total = Answered + counted.Hours.Sum(hour => hour.Missed);
    }

    /// <summary>Calls altogether.</summary>
    public int Total { get; }

    /// <summary>Those that were answered.</summary>
    public int Answered { get; }

    /// <summary>The mean opinion score of what their parties said, on average; <see langword="null"/> where none has one.</summary>
    public double? Mos => _counted.Sound.Mos;

    /// <summary>The hours in their order.</summary>
    public IReadOnlyList<CallHour> Hours => [.. _counted.Hours.Select(hour => new CallHour(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(hour.Start, DateTimeKind.Utc), _zone), hour.Answered, hour.Missed))];

    /// <summary>When the first of the hours begins, the last of which is the one that it is in: whole hours of the user's clock, which in some zones are half hours of ours.</summary>
    /// <param name="utcNow">Now.</param>
    /// <param name="zone">The user's zone.</param>
    /// <returns>UTC.</returns>
    public static DateTime Beginning(DateTime utcNow, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        TimeSpan offset = zone.GetUtcOffset(utcNow);
        return (new DateTime((utcNow + offset).Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, DateTimeKind.Utc) - offset).AddHours(1 - Length);
    }

    /// <summary>How many of their parties sounded so.</summary>
    /// <param name="quality">How.</param>
    public int Sounding(SoundQuality quality) => quality switch
    {
        SoundQuality.Good => _counted.Sound.Good,
        SoundQuality.Fair => _counted.Sound.Fair,
        SoundQuality.Poor => _counted.Sound.Poor,
        _ => _counted.Sound.Bad,
    };
}

/// <summary>One hour.</summary>
/// <param name="Start">When it began, on the user's clock.</param>
/// <param name="Answered">Calls that were answered.</param>
/// <param name="Missed">Calls that were not.</param>
public sealed record CallHour(DateTime Start, int Answered, int Missed);
