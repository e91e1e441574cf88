using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>The outbound routes of a tenant, by name.</summary>
internal static class RouteEndpoints
{
    public static void MapRoutes(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/routes").WithTags("Routes");
        group.MapGet("/", ListAsync).WithName("ListRoutes").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{route}", GetAsync).WithName("GetRoute");
        group.MapPost("/", CreateAsync).WithName("CreateRoute").Takes<RouteDocument>();
        group.MapPut("/{route}", ChangeAsync).WithName("ChangeRoute").Takes<RouteDocument>();
        group.MapDelete("/{route}", DeleteAsync).WithName("DeleteRoute");
    }

    internal static async Task<Results<Ok<Page<RouteDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<TrunkRoute> routes = db.TrunkRoutes.AsNoTracking();
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            routes = routes.Where(r => string.Compare(r.Name, after) > 0);
#pragma warning restore CA1309
        List<TrunkRoute> found = await routes.OrderBy(r => r.Name).Take(page.Limit + 1).ToListAsync(cancel);
        Dictionary<TrunkId, string> names = await NamesAsync(db, cancel);
        return TypedResults.Ok(new Page<RouteDto>([.. found.Take(page.Limit).Select(r => r.ToDto(names))], found.Count > page.Limit ? found[page.Limit - 1].Name : null));
    }

    internal static async Task<Results<Ok<RouteDto>, ProblemHttpResult>> GetAsync(string route, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.TrunkRoutes.AsNoTracking().SingleOrDefaultAsync(r => r.Name == route, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(await NamesAsync(db, cancel)));
    }

    internal static async Task<Results<CreatedAtRoute<RouteDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (RouteDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        TrunkRoute row = RouteMapping.NewRoute(tenant.TenantId, wish);
        db.TrunkRoutes.Add(row);
        if (await SaveAsync(change, row, wish, "created", db, errors, announcer, time, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto(await NamesAsync(db, cancel)), "GetRoute", new { tenant = tenant.TenantId.ToString(), route = row.Name });
    }

    internal static async Task<Results<Ok<RouteDto>, ProblemHttpResult>> ChangeAsync(
        string route, HttpContext http, JsonBody body, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (RouteDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.TrunkRoutes.SingleOrDefaultAsync(r => r.Name == route, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await SaveAsync(change, row, wish, "changed", db, errors, announcer, time, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(await NamesAsync(db, cancel)));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string route, HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.TrunkRoutes.SingleOrDefaultAsync(r => r.Name == route, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        db.TrunkRoutes.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"route {row.Name} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(row.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        ConfigurationChange change, TrunkRoute row, RouteDocument wish, string what, PbxDbContext db, RequestErrors errors,
        ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (await References.LoadAsync(db, cancel)).Check(wish, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        row.Apply(wish, (await NamesAsync(db, cancel)).ToDictionary(name => name.Value, name => name.Key, StringComparer.Ordinal));
        SaveOutcome outcome = await change.TrySaveAsync($"route {row.Name} {what}", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome == SaveOutcome.Duplicate)
            return Answers.Taken("$.name", $"The tenant has a route of this name, or one of the prefix \"{row.Prefix}\": choose another name, or add the trunks to that route.");
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(row.TenantId, change.Version);
        return null;
    }

    private static (RouteDocument Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        RouteDocument wish = reader.ReadRoute();
        reader.Finish();
        return (wish, errors);
    }

    private static Task<Dictionary<TrunkId, string>> NamesAsync(PbxDbContext db, CancellationToken cancel) =>
        db.Trunks.Select(t => new { t.Id, t.Name }).ToDictionaryAsync(t => t.Id, t => t.Name, cancel);

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such route.");
}
