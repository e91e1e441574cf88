using System.Globalization;
using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Data;
using CloudPbx.Data.EventLog;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Events;

/// <summary>A tenant's event log, the oldest first: a program asks again and again for what comes after the last that it has.</summary>
internal static class EventEndpoints
{
    public static void MapEvents(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/events", ListAsync).WithName("ListEvents").WithTags("Events").WithSummary("Lists what happened, the oldest first. Go on with the sequence of the last event as after.").WithMetadata(
        [
            new QueryParameter("type", "Only events of this type."),
            new QueryParameter("since", "Only events of this instant or later."),
            new QueryParameter("after", "The sequence of the last event that you have, or the value of next from the page before."),
            new QueryParameter("limit", "Items on the page."),
        ]);

    internal static async Task<Results<Ok<Page<EventDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        long after = 0;
        if (page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            errors.Add("after", "Must be the sequence of an event.");
        string? type = request.Query["type"];
        if (!string.IsNullOrEmpty(type) && !EventTypes.All.Contains(type))
            errors.Add("type", $"Must be one of {string.Join(", ", EventTypes.All)}.");
        DateTime? since = Instants.Read(request.Query, "since", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<EventLogEntry> events = db.EventLog.AsNoTracking().Where(e => e.Sequence > after);
        if (!string.IsNullOrEmpty(type))
            events = events.Where(e => e.Type == type);
        if (since is { } from)
            events = events.Where(e => e.At >= from);
        List<EventLogEntry> found = await events.OrderBy(e => e.Sequence).Take(page.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<EventDto>(
            [.. found.Take(page.Limit).Select(ToDto)], found.Count > page.Limit ? found[page.Limit - 1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static EventDto ToDto(EventLogEntry entry)
    {
        using JsonDocument data = JsonDocument.Parse(entry.Payload);
        return new() { Id = EventIds.Write(entry.Id), Sequence = entry.Sequence, Type = entry.Type, Timestamp = entry.At, Data = data.RootElement.Clone() };
    }
}
