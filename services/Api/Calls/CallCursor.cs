using System.Globalization;
using CloudPbx.Data.CallRecords;

namespace CloudPbx.Api.Calls;

/// <summary>
/// The place in a list of call records after which the next page begins. Lists are in the order of storing, so that no record slips between two pages; where a time is asked for, in the order
/// in which the calls began: an index has them so, while in the order of storing all that came later would be walked through first.
/// </summary>
/// <param name="StartedAt">When the last call of the page before began, UTC; <see langword="null"/>: the list is in the order of storing.</param>
/// <param name="Sequence">Its place in the order of storing.</param>
internal sealed record CallCursor(DateTime? StartedAt, long Sequence)
{
    private const char Separator = '-';

    /// <summary>The place of a record.</summary>
    public static CallCursor Of(CallRecord record, bool isByTime) => new(isByTime ? record.StartedAt : null, record.Sequence);

    /// <summary>Reads what <see cref="ToString"/> wrote for a list of the same order.</summary>
    public static bool TryParse(string text, bool isByTime, out CallCursor? cursor)
    {
        cursor = null;
        string[] parts = text.Split(Separator);
        if (parts.Length != (isByTime ? 2 : 1) || !long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
            return false;
        DateTime? startedAt = null;
        if (isByTime)
        {
            if (!long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks) || ticks > DateTime.MaxValue.Ticks)
                return false;
            startedAt = new DateTime(ticks, DateTimeKind.Utc);
        }
        cursor = new CallCursor(startedAt, sequence);
        return true;
    }

    /// <summary>The newest first.</summary>
    public static IQueryable<CallRecord> Order(IQueryable<CallRecord> records, bool isByTime) => isByTime
        ? records.OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Sequence)
        : records.OrderByDescending(r => r.Sequence);

    /// <summary>The records after this place.</summary>
    public IQueryable<CallRecord> Skip(IQueryable<CallRecord> records)
    {
        if (StartedAt is not { } at)
            return records.Where(r => r.Sequence < Sequence);
        // The first condition says no more than the second one, and is what an index can be asked for.
        return records.Where(r => r.StartedAt <= at).Where(r => r.StartedAt < at || r.Sequence < Sequence);
    }

    /// <inheritdoc/>
    public override string ToString() => StartedAt is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"{at.Ticks}{Separator}{Sequence}")
        : Sequence.ToString(CultureInfo.InvariantCulture);
}
