using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Portal.Components.Pages.Dashboard;

/// <summary>The calls of the last 24 hours by the hour in which they began, as the user's clock shows it.</summary>
public sealed class CallHours
{
    private const int Length = 24;

    private readonly (int Answered, int Missed)[] _counts = new (int, int)[Length];
    private readonly Dictionary<string, int> _qualities = new(StringComparer.Ordinal);
    private double _scores;
    private int _scored;
    private readonly TimeZoneInfo _zone;

    /// <summary>Begins with no calls.</summary>
    /// <param name="utcNow">Now: the last hour is the one that it is in.</param>
    /// <param name="zone">The user's zone.</param>
    public CallHours(DateTime utcNow, TimeZoneInfo zone)
    {
        _zone = zone;
        // Whole hours of the user's clock, which in some zones are half hours of ours.
        TimeSpan offset = zone.GetUtcOffset(utcNow);
        DateTime hour = new DateTime((utcNow + offset).Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, DateTimeKind.Utc) - offset;
        From = hour.AddHours(1 - Length);
    }

    /// <summary>When the first hour begins, UTC.</summary>
    public DateTime From { get; }

    /// <summary>Calls altogether.</summary>
    public int Total { get; private set; }

    /// <summary>Those that were answered.</summary>
    public int Answered { get; private set; }

    /// <summary>The mean opinion score of what their parties said, on average; <see langword="null"/> where none has one.</summary>
    public double? Mos => _scored == 0 ? null : _scores / _scored;

    /// <summary>How many of their parties sounded so.</summary>
    /// <param name="key">The word's key: <c>quality.good</c>.</param>
    public int Sounding(string key) => _qualities.GetValueOrDefault(key);

    /// <summary>Whether there are more than were read.</summary>
    public bool IsPartial { get; set; }

    /// <summary>The hours in their order.</summary>
    public IReadOnlyList<CallHour> Hours => [.. _counts.Select((count, index) => new CallHour(TimeZoneInfo.ConvertTimeFromUtc(From.AddHours(index), _zone), count.Answered, count.Missed))];

    /// <summary>Counts a call.</summary>
    /// <param name="call">Its record; one from before the first hour is left out.</param>
    public void Add(CallRecordDto call)
    {
        int index = (int)Math.Floor((DateTime.SpecifyKind(call.StartedAt, DateTimeKind.Utc) - From).TotalHours);
        if (index is < 0 or >= Length)
            return;
        Total++;
        foreach (double mos in call.Media.Select(leg => leg.Mos).OfType<double>())
        {
            string key = CallStory.QualityKey(mos);
            _qualities[key] = _qualities.GetValueOrDefault(key) + 1;
            _scores += mos;
            _scored++;
        }
        if (call.Disposition == CallDisposition.Answered)
        {
            Answered++;
            _counts[index].Answered++;
        }
        else
        {
            _counts[index].Missed++;
        }
    }
}

/// <summary>One hour.</summary>
/// <param name="Start">When it began, on the user's clock.</param>
/// <param name="Answered">Calls that were answered.</param>
/// <param name="Missed">Calls that were not.</param>
public sealed record CallHour(DateTime Start, int Answered, int Missed);
