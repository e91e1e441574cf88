using System.Globalization;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;

namespace CloudPbx.Api.Calls;

/// <summary>Which call records are asked for. Every filter is a fixed expression: nothing of the query becomes SQL text (S24).</summary>
internal sealed record CallQuery
{
    /// <summary>What may be asked for.</summary>
    public static readonly QueryParameter[] Parameters =
    [
        new("from", "Only calls that began at this instant or later."),
        new("to", "Only calls that began before this instant."),
        new("number", "Only calls from, to or answered by this number, also in the carrier's form."),
        new("extension", "Only calls that this extension made, got or answered."),
        new("direction", "Only calls inside, from outside or to the outside."),
        new("trunk", "Only calls over this trunk: its id, or the name that it had then."),
        new("disposition", "Only calls that ended so."),
        new("cause", "Only calls that ended with this Q.850 cause."),
    ];

    public DateTime? From { get; private init; }

    public DateTime? To { get; private init; }

    public string? Number { get; private init; }

    public string? Extension { get; private init; }

    public int? Cause { get; private init; }

    public CallDisposition? Disposition { get; private init; }

    public CallDirection? Direction { get; private init; }

    public string? Trunk { get; private init; }

    public static CallQuery Read(IQueryCollection query, RequestErrors errors) => new()
    {
        From = Instants.Read(query, "from", errors),
        To = Instants.Read(query, "to", errors),
        Number = string.IsNullOrEmpty(query["number"]) ? null : query["number"].ToString(),
        Extension = string.IsNullOrEmpty(query["extension"]) ? null : query["extension"].ToString(),
        Cause = ReadCause(query, errors),
        Disposition = Choice<CallDisposition>(query, "disposition", "answered, busy, noAnswer, cancelled, failed, rejected", errors),
        Direction = Choice<CallDirection>(query, "direction", "internal, inbound, outbound", errors),
        Trunk = string.IsNullOrEmpty(query["trunk"]) ? null : query["trunk"].ToString(),
    };

    /// <summary>Whether a time is asked for: then the calls are in the order in which they began.</summary>
    public bool IsByTime => From is not null || To is not null;

    /// <summary>Whether a value is asked for that few calls have, or many.</summary>
    public bool IsByValue => this is not { Number: null, Extension: null, Cause: null, Disposition: null, Direction: null, Trunk: null };

    public IQueryable<CallRecord> Filter(IQueryable<CallRecord> records)
    {
        if (From is { } from)
            records = records.Where(r => r.StartedAt >= from);
        if (To is { } to)
            records = records.Where(r => r.StartedAt < to);
        if (Number is { } number)
            records = records.Where(r => r.CallerNumber == number || r.CalledNumber == number || r.AnsweredBy == number || r.TrunkNumber == number);
        if (Extension is { } extension)
            records = records.Where(r => r.CallerNumber == extension || r.CalledNumber == extension || r.AnsweredBy == extension);
        if (Cause is { } cause)
            records = records.Where(r => r.Q850Cause == cause);
        if (Disposition is { } disposition)
            records = records.Where(r => r.Disposition == disposition);
        if (Direction is { } direction)
            records = records.Where(r => r.Direction == direction);
        if (Trunk is { } trunk)
            records = TrunkId.TryParse(trunk, out TrunkId id) ? records.Where(r => r.TrunkId == id) : records.Where(r => r.TrunkName == trunk);
        return records;
    }

    private static int? ReadCause(IQueryCollection query, RequestErrors errors)
    {
        string? text = query["cause"];
        if (string.IsNullOrEmpty(text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int cause) && cause is >= 1 and <= 127)
            return cause;
        errors.Add("cause", "Must be a Q.850 cause from 1 to 127, for example 17 for busy.");
        return null;
    }

    private static T? Choice<T>(IQueryCollection query, string name, string allowed, RequestErrors errors) where T : struct, Enum
    {
        string? text = query[name];
        if (string.IsNullOrEmpty(text))
            return null;
        if (!char.IsAsciiDigit(text[0]) && Enum.TryParse(text, ignoreCase: true, out T choice) && Enum.IsDefined(choice))
            return choice;
        errors.Add(name, $"Must be one of {allowed}.");
        return null;
    }
}
