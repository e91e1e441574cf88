using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Platform;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Numbers;

/// <summary>The numbers of the inventories of the platform and of the tenant's reseller that are open and nobody has: a tenant takes one by itself, and gives it back by deleting it among its own.</summary>
internal static class FreeNumberEndpoints
{
    public static void MapFreeNumbers(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/free-numbers").WithTags("Numbers");
        group.MapGet("/", ListAsync).WithName("ListFreeNumbers").WithSummary("Lists the numbers that this tenant may take: of the platform's inventory and of its reseller's.").WithMetadata(
        [
            new QueryParameter("prefix", "Only numbers that begin so, for example +4989."),
            .. QueryParameter.Page,
        ]);
        group.MapPost("/", TakeAsync).WithName("TakeNumber").WithSummary("Takes a free number, and its trunk with it. Deleting it among the tenant's numbers gives it back.").Takes<NumberChoice>();
    }

    internal static async Task<Results<Ok<Page<FreeNumberDto>>, ProblemHttpResult>> ListAsync(HttpContext http, GlobalTrunkStore inventory, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(http.Request, errors);
        string prefix = http.Request.Query["prefix"].ToString();
        if (prefix != "+" && TrunkRules.RatePrefix(prefix) is { } wrong)
            errors.Add("prefix", wrong);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<InventoryNumber> found = await inventory.ListFreeAsync(ResellerOf(http), prefix, page.After, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<FreeNumberDto>(
            [.. found.Take(page.Limit).Select(n => new FreeNumberDto { Number = n.Number, Trunk = n.Trunk })], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<CreatedAtRoute<NumberDto>, ProblemHttpResult>> TakeAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, GlobalTrunkStore inventory, PlatformTrunkDistribution distribution, ConfigurationAnnouncer announcer, TimeProvider time,
        CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NumberChoice wish = new() { Number = reader.Required("number", TrunkRules.Number), Extension = reader.Optional("extension", Rules.ExtensionNumber) };
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        (await References.LoadAsync(db, cancel)).Check(new NumberDocument { Number = wish.Number, Extension = wish.Extension }, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        // Whoever has it, and whether it is closed or unknown, sounds the same: nobody learns of others' numbers here.
        if (await inventory.FindNumberAsync(wish.Number, cancel) is not { SelfService: true, TenantId: null } free
            || (free.ResellerId is { } reseller && reseller != ResellerOf(http))
            || await inventory.FindAsync(free.TrunkId, cancel) is not { Enabled: true } trunk)
            return Answers.Taken("$.number", NotFreeText);
        if (await PlanLimits.RefuseNumberAsync(db, cancel) is { } full)
            return full;
        if (await db.Trunks.AnyAsync(t => t.Name == trunk.Name && t.GlobalTrunkId == null, cancel))
            return Answers.Taken("$.number", $"It is reached over a trunk that is called \"{trunk.Name}\", and the tenant has one of its own of that name. Rename that one first.");
        Trunk copy = await PlatformTrunkDistribution.CopyAsync(db, tenant.TenantId, trunk, cancel);
        PhoneNumber row = new() { Id = NumberId.New(), TenantId = tenant.TenantId, Number = wish.Number, TrunkId = copy.Id, Extension = wish.Extension };
        db.PhoneNumbers.Add(row);
        SaveOutcome outcome = await change.TrySaveAsync($"number {row.Number} taken", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.number", NotFreeText) : Answers.Refused(outcome);         // the unique index decides between two who want it
        await announcer.ChangedAsync(tenant.TenantId, change.Version);
        // Taken out of the inventory at this moment: then it was not there to take.
        if (await inventory.FindNumberAsync(wish.Number, cancel) is null)
        {
            await distribution.TakeBackAsync(tenant.TenantId, wish.Number, cancel);
            return Answers.Taken("$.number", NotFreeText);
        }
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto(copy.Name), "GetNumber", new { tenant = tenant.TenantId.ToString(), number = row.Number });
    }

    // The filter that entered the tenant has found whose it is.
    private static ResellerId? ResellerOf(HttpContext http) => http.Features.GetRequiredFeature<TenantOwner>().ResellerId;

    private const string NotFreeText = "Is not free for you to take: /free-numbers lists those that are.";
}
