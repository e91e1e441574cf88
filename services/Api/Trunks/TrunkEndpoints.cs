using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>The trunks of a tenant, by name.</summary>
internal static class TrunkEndpoints
{
    public static void MapTrunks(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/trunks").WithTags("Trunks");
        group.MapGet("/", ListAsync).WithName("ListTrunks").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{trunk}", GetAsync).WithName("GetTrunk");
        group.MapPost("/", CreateAsync).WithName("CreateTrunk").Takes<TrunkDocument>();
        group.MapPut("/{trunk}", ChangeAsync).WithName("ChangeTrunk").Takes<TrunkDocument>();
        group.MapDelete("/{trunk}", DeleteAsync).WithName("DeleteTrunk");
        group.MapGet("/{trunk}/rewrite", RewriteAsync).WithName("TryRewrite").WithSummary("Says what the trunk's rules make of a number.").WithMetadata(
            new QueryParameter("number", "The number."), new QueryParameter("list", "Which rules: calledOut (default), callerOut, calledIn, callerIn."));
    }

    internal static async Task<Results<Ok<Page<TrunkDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<Trunk> trunks = db.Trunks.AsNoTracking();
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            trunks = trunks.Where(t => string.Compare(t.Name, after) > 0);
#pragma warning restore CA1309
        List<Trunk> found = await trunks.OrderBy(t => t.Name).Take(page.Limit + 1).ToListAsync(cancel);
        ILookup<TrunkId, string> sources = await SourcesAsync(db, cancel);
        return TypedResults.Ok(new Page<TrunkDto>([.. found.Take(page.Limit).Select(t => t.ToDto(sources[t.Id]))], found.Count > page.Limit ? found[page.Limit - 1].Name : null));
    }

    internal static async Task<Results<Ok<TrunkDto>, ProblemHttpResult>> GetAsync(string trunk, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Trunks.AsNoTracking().SingleOrDefaultAsync(t => t.Name == trunk, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto((await SourcesAsync(db, cancel))[row.Id]));
    }

    internal static async Task<Results<CreatedAtRoute<TrunkDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, TrunkSaving saving, CancellationToken cancel)
    {
        (TrunkDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        if (await PlanLimits.RefuseTrunkAsync(db, cancel) is { } full)
            return full;
        Trunk row = TrunkMapping.NewTrunk(tenant.TenantId, wish);
        db.Trunks.Add(row);
        if (await saving.SaveAsync(change, row, null, wish, "created", errors, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto(wish.Sources), "GetTrunk", new { tenant = tenant.TenantId.ToString(), trunk = row.Name });
    }

    internal static async Task<Results<Ok<TrunkDto>, ProblemHttpResult>> ChangeAsync(
        string trunk, HttpContext http, JsonBody body, PbxDbContext db, TrunkSaving saving, CancellationToken cancel)
    {
        (TrunkDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Trunks.SingleOrDefaultAsync(t => t.Name == trunk, cancel) is not { } row)
            return Missing();
        if (row.GlobalTrunkId is not null)
            return Answers.OfPlatform("The trunk is your provider's: it comes and goes with the numbers that it gives.");
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await saving.SaveAsync(change, row, row, wish, "changed", errors, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(wish.Sources));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string trunk, HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Trunks.SingleOrDefaultAsync(t => t.Name == trunk, cancel) is not { } row)
            return Missing();
        if (row.GlobalTrunkId is not null && await db.PhoneNumbers.AnyAsync(n => n.TrunkId == row.Id, cancel))
            return Answers.OfPlatform("The trunk is your provider's: it comes and goes with the numbers that it gives.");
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        string[] users =
        [
            .. (await db.PhoneNumbers.Where(n => n.TrunkId == row.Id).Select(n => n.Number).Take(5).ToListAsync(cancel)).Select(number => $"number {number}"),
            .. (await db.TrunkRoutes.AsNoTracking().ToListAsync(cancel)).Where(r => r.Details.Trunks.Any(t => t.Trunk == row.Id)).Select(r => $"route {r.Name}"),
        ];
        if (users.Length > 0)
            return Answers.InUse($"The trunk is used by {string.Join(", ", users)}. Take it out there first.");
        db.Trunks.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"trunk {row.Name} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.ChangedAsync(row.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<Ok<RewriteDto>, ProblemHttpResult>> RewriteAsync(string trunk, HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Trunks.AsNoTracking().SingleOrDefaultAsync(t => t.Name == trunk, cancel) is not { } row)
            return Missing();
        NumberFormats formats = row.Details.ToProfile().Numbers;
        string list = request.Query["list"] is [{ Length: > 0 } asked] ? asked : "calledOut";
        IReadOnlyList<NumberRewrite>? rules = list switch
        {
            "calledOut" => formats.CalledOut,
            "callerOut" => formats.CallerOut,
            "calledIn" => formats.CalledIn,
            "callerIn" => formats.CallerIn,
            _ => null,
        };
        RequestErrors errors = new();
        if (rules is null)
            errors.Add("list", "Must be one of \"calledOut\", \"callerOut\", \"calledIn\", \"callerIn\".");
        string number = request.Query["number"].ToString();
        if (number.Length is 0 or > NumberRewriter.MaximumLength)
            errors.Add("number", $"Must be a number of 1 to {NumberRewriter.MaximumLength} characters.");
        if (errors.Any || rules is null)
            return Answers.Invalid(errors.ToDictionary());
        List<RewriteStepDto> steps = [];
        string result = new NumberRewriter(rules).Rewrite(number, (rule, after) => steps.Add(new RewriteStepDto(rule.Prefix is { } prefix ? $"prefix \"{prefix}\"" : $"pattern {rule.Pattern}", after)));
        return TypedResults.Ok(new RewriteDto(list, result, steps));
    }

    private static (TrunkDocument Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        TrunkDocument wish = reader.ReadTrunk();
        reader.Finish();
        return (wish, errors);
    }

    private static async Task<ILookup<TrunkId, string>> SourcesAsync(PbxDbContext db, CancellationToken cancel) =>
        (await db.TrunkSources.AsNoTracking().ToListAsync(cancel)).ToLookup(s => s.TrunkId, s => s.Network);

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such trunk.");
}
