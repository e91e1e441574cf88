using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Extensions;

/// <summary>The extensions of a tenant, by number.</summary>
internal static class ExtensionEndpoints
{
    public static void MapExtensions(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/extensions").WithTags("Extensions");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListExtensions")
            .WithMetadata([new QueryParameter("search", "Only extensions whose number begins with this or whose name contains it."), .. QueryParameter.Page]);
        group.MapGet("/{number}", GetAsync).For(UserRole.User).WithName("GetExtension");
        group.MapPost("/", CreateAsync).WithName("CreateExtension").Takes<NewExtension>();
        group.MapPut("/{number}", ChangeAsync).WithName("ChangeExtension").Takes<NewExtension>();
        group.MapDelete("/{number}", DeleteAsync).WithName("DeleteExtension");
    }

    internal static async Task<Results<Ok<Page<ExtensionDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<Extension> extensions = db.Extensions.AsNoTracking();
        if (caller.OwnNumber is { } own)
            extensions = extensions.Where(e => e.Number == own);
        if (request.Query["search"].ToString().Trim() is { Length: > 0 } search)
        {
#pragma warning disable CA1304, CA1311, CA1862 // SQL compares: both providers know lower() and no comparer of ours.
            string lower = search.ToLowerInvariant();
            extensions = extensions.Where(e => e.Number.StartsWith(search) || e.DisplayName.ToLower().Contains(lower));
#pragma warning restore CA1304, CA1311, CA1862
        }
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            extensions = extensions.Where(e => string.Compare(e.Number, after) > 0);
#pragma warning restore CA1309
        List<Extension> found = await extensions.OrderBy(e => e.Number).Take(page.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<ExtensionDto>([.. found.Take(page.Limit).Select(e => e.ToDto())], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<Ok<ExtensionDto>, ProblemHttpResult>> GetAsync(string number, HttpContext http, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        if ((caller.OwnNumber ?? number) != number || await db.Extensions.AsNoTracking().SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return Missing();
        EntityTags.Write(http, extension);
        return TypedResults.Ok(extension.ToDto());
    }

    internal static async Task<Results<CreatedAtRoute<ExtensionDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewExtension wish = reader.ReadExtension();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        if (await PlanLimits.RefuseExtensionAsync(db, cancel) is { } full)
            return full;
        if (await db.Conferences.AnyAsync(c => c.Number == wish.Number, cancel))
            return RoomHasNumber();
        Extension extension = wish.ToExtension(tenant.TenantId);
        db.Extensions.Add(extension);
        SaveOutcome outcome = await change.TrySaveAsync($"extension {extension.Number} created", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NumberTaken() : Answers.Refused(outcome);
        await announcer.UsersChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, extension);
        return TypedResults.CreatedAtRoute(extension.ToDto(), "GetExtension", new { tenant = tenant.TenantId.ToString(), number = extension.Number });
    }

    internal static async Task<Results<Ok<ExtensionDto>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewExtension wish = reader.ReadExtension();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Extensions.SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return Missing();
        if (!EntityTags.Allow(http, extension))
            return Answers.ChangedSinceRead();
        if (wish.Number != number && await db.Conferences.AnyAsync(c => c.Number == wish.Number, cancel))
            return RoomHasNumber();
        extension.Apply(wish);
        if (extension.Number != number)
            await TargetUses.MoveAsync(db, number, extension.Number, cancel);
        SaveOutcome outcome = await change.TrySaveAsync($"extension {number} changed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NumberTaken() : Answers.Refused(outcome);
        await announcer.UsersChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, extension);
        return TypedResults.Ok(extension.ToDto());
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string number, HttpContext http, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Extensions.SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return Missing();
        if (!EntityTags.Allow(http, extension))
            return Answers.ChangedSinceRead();
        if (await TargetUses.FindAsync(db, number, cancel) is { Count: > 0 } uses)
            return Answers.InUse($"Calls from outside reach this extension by {string.Join(", ", uses)}. Give them another target first.");
        db.Extensions.Remove(extension);                                                // its devices go with it
        SaveOutcome outcome = await change.TrySaveAsync($"extension {number} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.UsersChangedAsync(tenant.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    internal static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such extension.");

    private static ProblemHttpResult RoomHasNumber() => Answers.Taken("$.number", "The tenant has a conference room of this number: choose another.");

    private static ProblemHttpResult NumberTaken() => Answers.Taken("$.number", "The tenant has an extension of this number: choose another.");
}
