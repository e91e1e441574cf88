using CloudPbx.Api.Bodies;
using CloudPbx.Api.Prompts;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Conferences;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Conferences;

/// <summary>The conference rooms of a tenant, by number.</summary>
internal static class ConferenceEndpoints
{
    public const int Most = 1000;

    public static void MapConferences(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/conferences").WithTags("Conferences");
        group.MapGet("/", ListAsync).WithName("ListConferences").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{number}", GetAsync).WithName("GetConference");
        group.MapPost("/", CreateAsync).WithName("CreateConference").Takes<ConferenceDocument>();
        group.MapPut("/{number}", ChangeAsync).WithName("ChangeConference").Takes<ConferenceDocument>();
        group.MapDelete("/{number}", DeleteAsync).WithName("DeleteConference");
    }

    internal static async Task<Results<Ok<Page<ConferenceDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<ConferenceRoom> rooms = db.Conferences.AsNoTracking();
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            rooms = rooms.Where(c => string.Compare(c.Number, after) > 0);
#pragma warning restore CA1309
        List<ConferenceRoom> found = await rooms.OrderBy(c => c.Number).Take(page.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<ConferenceDto>([.. found.Take(page.Limit).Select(c => c.ToDto())], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<Ok<ConferenceDto>, ProblemHttpResult>> GetAsync(string number, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Conferences.AsNoTracking().SingleOrDefaultAsync(c => c.Number == number, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto());
    }

    internal static async Task<Results<CreatedAtRoute<ConferenceDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (ConferenceDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        if (await db.Conferences.CountAsync(cancel) >= Most)
            return Answers.InUse($"The tenant has {Most} conference rooms, which is the most. Delete one first.");
        if (await IsExtensionAsync(db, wish.Number, cancel))
            return ExtensionHasNumber();
        if (!await PromptUses.HasAsync(db, wish.Greeting, cancel))
            return UnknownGreeting();
        ConferenceRoom row = wish.ToConference(tenant.TenantId);
        db.Conferences.Add(row);
        SaveOutcome outcome = await change.TrySaveAsync($"conference room {row.Number} created", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NumberTaken() : Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto(), "GetConference", new { tenant = tenant.TenantId.ToString(), number = row.Number });
    }

    internal static async Task<Results<Ok<ConferenceDto>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (ConferenceDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Conferences.SingleOrDefaultAsync(c => c.Number == number, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (wish.Number != number && await IsExtensionAsync(db, wish.Number, cancel))
            return ExtensionHasNumber();
        if (!await PromptUses.HasAsync(db, wish.Greeting, cancel))
            return UnknownGreeting();
        row.Apply(wish);
        if (row.Number != number)
            await TargetUses.MoveAsync(db, number, row.Number, cancel);
        SaveOutcome outcome = await change.TrySaveAsync($"conference room {number} changed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NumberTaken() : Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto());
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string number, HttpContext http, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Conferences.SingleOrDefaultAsync(c => c.Number == number, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await TargetUses.FindAsync(db, number, cancel) is { Count: > 0 } uses)
            return Answers.InUse($"Calls from outside reach this room by {string.Join(", ", uses)}. Give them another target first.");
        db.Conferences.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"conference room {number} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    /// <summary>Whether an extension has a number. Inside a change of the tenant, whose writers wait for each other.</summary>
    private static Task<bool> IsExtensionAsync(PbxDbContext db, string number, CancellationToken cancel) => db.Extensions.AnyAsync(e => e.Number == number, cancel);

    private static (ConferenceDocument Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        ConferenceDocument wish = reader.ReadConference();
        reader.Finish();
        return (wish, errors);
    }

    private static ProblemHttpResult UnknownGreeting() => Answers.Invalid(new Dictionary<string, string[]> { ["$.greeting"] = [PromptUses.UnknownText] });

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such conference room.");

    private static ProblemHttpResult NumberTaken() => Answers.Taken("$.number", "The tenant has a conference room of this number: choose another.");

    private static ProblemHttpResult ExtensionHasNumber() => Answers.Taken("$.number", "The tenant has an extension of this number: choose another.");
}
