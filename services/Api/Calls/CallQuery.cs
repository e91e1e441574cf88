using System.Globalization;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.CallRecords;

namespace CloudPbx.Api.Calls;

/// <summary>Which call records are asked for. Every filter is a fixed expression: nothing of the query becomes SQL text (S24).</summary>
internal sealed record CallQuery
{
    public DateTime? From { get; private init; }

    public DateTime? To { get; private init; }

    public string? Number { get; private init; }

    public CallDisposition? Disposition { get; private init; }

    public static CallQuery Read(IQueryCollection query, RequestErrors errors) => new()
    {
        From = Instant(query, "from", errors),
        To = Instant(query, "to", errors),
        Number = string.IsNullOrEmpty(query["number"]) ? null : query["number"].ToString(),
        Disposition = Choice(query, errors),
    };

    public IQueryable<CallRecord> Filter(IQueryable<CallRecord> records)
    {
        if (From is { } from)
            records = records.Where(r => r.StartedAt >= from);
        if (To is { } to)
            records = records.Where(r => r.StartedAt < to);
        if (Number is { } number)
            records = records.Where(r => r.CallerNumber == number || r.CalledNumber == number || r.AnsweredBy == number);
        if (Disposition is { } disposition)
            records = records.Where(r => r.Disposition == disposition);
        return records;
    }

    private static DateTime? Instant(IQueryCollection query, string name, RequestErrors errors)
    {
        string? text = query[name];
        if (string.IsNullOrEmpty(text))
            return null;
        // A plus sign of an offset that was not escaped arrives as a space.
        if (DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant))
            return instant.UtcDateTime;
        errors.Add(name, "Must be an instant such as 2026-11-23T08:00:00Z.");
        return null;
    }

    private static CallDisposition? Choice(IQueryCollection query, RequestErrors errors)
    {
        string? text = query["disposition"];
        if (string.IsNullOrEmpty(text))
            return null;
        if (!char.IsAsciiDigit(text[0]) && Enum.TryParse(text, ignoreCase: true, out CallDisposition disposition) && Enum.IsDefined(disposition))
            return disposition;
        errors.Add("disposition", "Must be one of answered, busy, noAnswer, cancelled, failed, rejected.");
        return null;
    }
}
