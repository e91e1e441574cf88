using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.CallRecords;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Calls;

/// <summary>How many calls there were, hour by hour, and how they sounded: what a page shows at a glance without reading the records.</summary>
internal static class CallHoursEndpoint
{
    private const int Longest = 48, Usual = 24, MostJudged = 500;

    /// <summary>Counts.</summary>
    /// <param name="records">The records that the caller may see.</param>
    /// <param name="request">The filters of the list of records; <c>from</c> and <c>to</c> are at most two days from each other.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<Results<Ok<CallHoursDto>, ProblemHttpResult>> AnswerAsync(IQueryable<CallRecord> records, HttpRequest request, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        CallQuery query = CallQuery.Read(request.Query, errors);
        DateTime to = query.To ?? (query.From is { } begins ? Shift(begins, Usual) : time.GetUtcNow().UtcDateTime), from = query.From ?? Shift(to, -Usual);
        if (!errors.Any && (to <= from || to - from > TimeSpan.FromHours(Longest)))
            errors.Add("to", "Must be later than from, by two days at most.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        records = query.Filter(records).Where(r => r.StartedAt >= from && r.StartedAt < to);
        (int Answered, int Missed)[] counts = new (int, int)[(int)Math.Ceiling((to - from).TotalHours)];
        // Two columns of an index's range: counting them here is the same for both databases, and no slower than grouping there.
        await foreach (var call in records.Select(r => new { r.StartedAt, IsAnswered = r.AnsweredAt != null }).AsAsyncEnumerable().WithCancellation(cancel))
        {
            ref (int Answered, int Missed) hour = ref counts[(int)(call.StartedAt - from).TotalHours];
            if (call.IsAnswered)
                hour.Answered++;
            else
                hour.Missed++;
        }
        List<IReadOnlyList<LegMedia>> newest = await records.Where(r => r.AnsweredAt != null).OrderByDescending(r => r.Sequence).Take(MostJudged).Select(r => r.Media).ToListAsync(cancel);
        double[] scores = [.. newest.SelectMany(legs => legs).Select(leg => leg.Mos).OfType<double>()];
        ILookup<SoundQuality, double> classes = scores.ToLookup(MeanOpinionScore.ClassOf);
        return TypedResults.Ok(new CallHoursDto
        {
            Hours = [.. counts.Select((count, index) => new CallHourDto { Start = from.AddHours(index), Answered = count.Answered, Missed = count.Missed })],
            Sound = new CallSoundDto
            {
                Good = classes[SoundQuality.Good].Count(), Fair = classes[SoundQuality.Fair].Count(), Poor = classes[SoundQuality.Poor].Count(), Bad = classes[SoundQuality.Bad].Count(),
                Mos = scores.Length == 0 ? null : Math.Round(scores.Average(), 2),
            },
        });
    }

    // The calendar ends: an instant at its end or beginning has no day beyond, and is then refused as an empty span.
    private static DateTime Shift(DateTime at, int hours) =>
        new(Math.Clamp(at.Ticks + (hours * TimeSpan.TicksPerHour), DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
}
