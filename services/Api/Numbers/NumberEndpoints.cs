using CloudPbx.Api.Bodies;
using CloudPbx.Api.Platform;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Numbers;

/// <summary>The telephone numbers of a tenant, by number.</summary>
internal static class NumberEndpoints
{
    public static void MapNumbers(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/numbers").WithTags("Numbers");
        group.MapGet("/", ListAsync).WithName("ListNumbers").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{number}", GetAsync).WithName("GetNumber");
        group.MapPost("/", CreateAsync).WithName("CreateNumber").Takes<NumberDocument>();
        group.MapPut("/{number}", ChangeAsync).WithName("ChangeNumber").Takes<NumberDocument>();
        group.MapDelete("/{number}", DeleteAsync).WithName("DeleteNumber").WithSummary("Removes a number, or gives one back to the inventory that it was taken from.");
    }

    internal static async Task<Results<Ok<Page<NumberDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<PhoneNumber> numbers = db.PhoneNumbers.AsNoTracking();
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            numbers = numbers.Where(n => string.Compare(n.Number, after) > 0);
#pragma warning restore CA1309
        List<PhoneNumber> found = await numbers.OrderBy(n => n.Number).Take(page.Limit + 1).ToListAsync(cancel);
        Dictionary<TrunkId, string> names = await db.Trunks.Select(t => new { t.Id, t.Name }).ToDictionaryAsync(t => t.Id, t => t.Name, cancel);
        return TypedResults.Ok(new Page<NumberDto>(
            [.. found.Take(page.Limit).Select(n => n.ToDto(n.TrunkId is { } trunk ? names.GetValueOrDefault(trunk) : null))], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<Ok<NumberDto>, ProblemHttpResult>> GetAsync(string number, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.PhoneNumbers.AsNoTracking().SingleOrDefaultAsync(n => n.Number == number, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(await TrunkNameAsync(db, row, cancel)));
    }

    internal static async Task<Results<CreatedAtRoute<NumberDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, GlobalTrunkStore inventory, TimeProvider time, CancellationToken cancel)
    {
        (NumberDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        PhoneNumber row = new() { Id = NumberId.New(), TenantId = tenant.TenantId, Number = wish.Number };
        db.PhoneNumbers.Add(row);
        if (await SaveAsync(change, row, wish, "added", db, errors, announcer, inventory, time, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto(wish.Trunk), "GetNumber", new { tenant = tenant.TenantId.ToString(), number = row.Number });
    }

    internal static async Task<Results<Ok<NumberDto>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, JsonBody body, PbxDbContext db, ConfigurationAnnouncer announcer, GlobalTrunkStore inventory, TimeProvider time, CancellationToken cancel)
    {
        (NumberDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.PhoneNumbers.SingleOrDefaultAsync(n => n.Number == number, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await SharedTrunkAsync(db, row, cancel) is { } given)
        {
            if (wish.Number != number || (wish.Trunk ?? given) != given)
                return Answers.OfPlatform($"The number is your provider's, reached over its trunk {given}: only its extension can be changed here.");
            wish = wish with { Trunk = given };
        }
        if (wish.Number != number && await ShownByAsync(db, number, cancel) is { } shown)
            return Answers.InUse(shown);
        if (await SaveAsync(change, row, wish, "changed", db, errors, announcer, inventory, time, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(wish.Trunk));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string number, HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, GlobalTrunkStore inventory, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.PhoneNumbers.SingleOrDefaultAsync(n => n.Number == number, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        bool shared = await SharedTrunkAsync(db, row, cancel) is not null;
        if (shared && await inventory.FindNumberAsync(number, cancel) is not { SelfService: true })
            return Answers.OfPlatform("The number is your provider's: it takes it back.");
        if (await ShownByAsync(db, number, cancel) is { } shown)
            return Answers.InUse(shown);
        await PlatformTrunkDistribution.RemoveAsync(db, row, cancel);
        SaveOutcome outcome = await change.TrySaveAsync($"number {row.Number} {(shared ? "given back" : "removed")}", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.ChangedAsync(row.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        ConfigurationChange change, PhoneNumber row, NumberDocument wish, string what, PbxDbContext db, RequestErrors errors,
        ConfigurationAnnouncer announcer, GlobalTrunkStore inventory, TimeProvider time, CancellationToken cancel)
    {
        (await References.LoadAsync(db, cancel)).Check(wish, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (row.Number != wish.Number || what == "added")
        {
            if ((await inventory.FindNumbersAsync([wish.Number], cancel)).Count > 0)
                return Answers.Taken("$.number", InventoryText);
            if (wish.Trunk is not null && await db.Trunks.AnyAsync(t => t.Name == wish.Trunk && t.GlobalTrunkId != null, cancel))
                errors.Add("$.trunk", OwnNumberText);
        }
        else if (wish.Trunk is not null && await db.Trunks.AnyAsync(t => t.Name == wish.Trunk && t.GlobalTrunkId != null && t.Id != row.TrunkId, cancel))
        {
            errors.Add("$.trunk", OwnNumberText);
        }
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        row.Apply(wish, wish.Trunk is null ? null : await db.Trunks.Where(t => t.Name == wish.Trunk).Select(t => (TrunkId?)t.Id).SingleAsync(cancel));
        SaveOutcome outcome = await change.TrySaveAsync($"number {row.Number} {what}", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.number", TakenText) : Answers.Refused(outcome);
        await announcer.ChangedAsync(row.TenantId, change.Version);
        return null;
    }

    /// <summary>What is said of a number that somebody has, the tenant itself or another.</summary>
    internal const string TakenText = "Somebody has this number already: a number belongs to one tenant of the platform.";

    /// <summary>What is said of a number of an inventory that this tenant was not given.</summary>
    internal const string InventoryText = "Is a number of a provider's inventory: take it there if /free-numbers lists it, else ask your provider for it.";

    /// <summary>What is said of a tenant's own number that is to hang on a shared trunk.</summary>
    internal const string OwnNumberText = "Is a trunk of your provider: its numbers are given by it.";

    private static async Task<string?> SharedTrunkAsync(PbxDbContext db, PhoneNumber row, CancellationToken cancel) => row.TrunkId is { } trunk
        ? await db.Trunks.Where(t => t.Id == trunk && t.GlobalTrunkId != null).Select(t => t.Name).SingleOrDefaultAsync(cancel)
        : null;

    // Where it is shown as caller it must stay the tenant's.
    private static async Task<string?> ShownByAsync(PbxDbContext db, string number, CancellationToken cancel)
    {
        List<TrunkRoute> routes = await db.TrunkRoutes.AsNoTracking().ToListAsync(cancel);
        if (routes.Find(r => r.Details.CallerNumber == number) is { } route)
            return $"The route {route.Name} shows this number as caller. Change that first.";
        OutsideCalling? outside = await db.OutsideCalling.Select(o => o.Settings).SingleOrDefaultAsync(cancel);
        return outside is not null && (outside.CallerNumber == number || outside.CallerNumbers.Any(rule => rule.Number == number))
            ? "The tenant's outside calls show this number as caller. Change /outside first."
            : null;
    }

    private static (NumberDocument Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NumberDocument wish = reader.ReadNumber();
        reader.Finish();
        return (wish, errors);
    }

    private static async Task<string?> TrunkNameAsync(PbxDbContext db, PhoneNumber row, CancellationToken cancel) =>
        row.TrunkId is { } trunk ? await db.Trunks.Where(t => t.Id == trunk).Select(t => t.Name).SingleOrDefaultAsync(cancel) : null;

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such number. In a path the plus stays: /numbers/+861012345678.");
}
