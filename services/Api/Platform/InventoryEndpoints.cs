using CloudPbx.Api.Bodies;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Platform;

/// <summary>The platform's inventory of numbers, which tenant has got which, and which tenants may take themselves: the operator's.</summary>
internal static class InventoryEndpoints
{
    public static void MapInventory(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/platform/numbers").WithTags("Platform");
        group.MapGet("/", ListAsync).WithName("ListInventory").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{number}", GetAsync).WithName("GetInventoryNumber");
        group.MapPost("/", AddAsync).WithName("AddInventoryNumber").Takes<InventoryNumberDto>();
        group.MapPut("/{number}", ChangeAsync).WithName("ChangeInventoryNumber").WithSummary("Gives the number to a tenant, or takes it back; opens it for tenants to take themselves, or closes it.").Takes<InventoryNumberDto>();
        group.MapDelete("/{number}", RemoveAsync).WithName("RemoveInventoryNumber");
    }

    internal static async Task<Results<Ok<Page<InventoryNumberDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, GlobalTrunkStore store, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<InventoryNumber> found = await store.ListNumbersAsync(page.After, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<InventoryNumberDto>([.. found.Take(page.Limit).Select(ToDto)], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<Ok<InventoryNumberDto>, ProblemHttpResult>> GetAsync(string number, HttpContext http, GlobalTrunkStore store, CancellationToken cancel)
    {
        if (await store.FindNumberAsync(number, cancel) is not { } found)
            return Missing();
        EntityTags.Write(http, StateOf(found));
        return TypedResults.Ok(ToDto(found));
    }

    internal static async Task<Results<CreatedAtRoute<InventoryNumberDto>, ProblemHttpResult>> AddAsync(
        JsonBody body, GlobalTrunkStore store, TenantLookup tenants, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        (InventoryNumberDto wish, GlobalTrunk? trunk, TenantId? tenant, RequestErrors errors) = await ReadAsync(body, store, tenants, cancel);
        if (errors.Any || trunk is null)
            return Answers.Invalid(errors.ToDictionary());
        if ((await tenants.FindForeignNumbersAsync([wish.Number], default, cancel)).Count > 0)
            return Answers.Taken("$.number", "A tenant has this number as its own.");
        SaveOutcome outcome = await store.AddNumberAsync(new GlobalNumber { Number = wish.Number, TrunkId = trunk.Id, SelfService = wish.SelfService == true }, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.number", "The inventory has this number already.") : Answers.Refused(outcome);
        if (tenant is { } owner && await GiveAsync(owner, trunk, wish.Number, distribution, cancel) is { } problem)
            return problem;
        return TypedResults.CreatedAtRoute(wish, "GetInventoryNumber", new { number = wish.Number });
    }

    internal static async Task<Results<Ok<InventoryNumberDto>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, JsonBody body, GlobalTrunkStore store, TenantLookup tenants, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        (InventoryNumberDto wish, GlobalTrunk? trunk, TenantId? tenant, RequestErrors errors) = await ReadAsync(body, store, tenants, cancel);
        if (errors.Any || trunk is null)
            return Answers.Invalid(errors.ToDictionary());
        if (await store.FindNumberAsync(number, cancel) is not { } present)
            return Missing();
        if (!EntityTags.Allow(http, StateOf(present)))
            return Answers.ChangedSinceRead();              // a tenant took it meanwhile, for example: it is not to lose it by a form that knew nothing of that
        if (wish.Number != number || trunk.Id != present.TrunkId)
            errors.Add(wish.Number != number ? "$.number" : "$.trunk", $"Must stay as it is ({number}, {present.Trunk}): remove the number and add it anew.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (present.SelfService != wish.SelfService && await store.OpenNumberAsync(number, wish.SelfService == true, cancel) is not SaveOutcome.Saved and var closed)
            return Answers.Refused(closed);
        if (present.TenantId != tenant)
        {
            if (present.TenantId is { } former && await distribution.TakeBackAsync(former, number, cancel) is not SaveOutcome.Saved and var refused)
                return Answers.Refused(refused);
            if (tenant is { } owner && await GiveAsync(owner, trunk, number, distribution, cancel) is { } problem)
                return problem;
        }
        return TypedResults.Ok(wish);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string number, GlobalTrunkStore store, CancellationToken cancel)
    {
        if (await store.FindNumberAsync(number, cancel) is not { } present)
            return Missing();
        if (present.Tenant is { } tenant)
            return Answers.InUse($"The tenant {tenant} has this number. Take it back first: PUT it without a tenant.");
        return await store.RemoveNumberAsync(number, cancel) ? TypedResults.NoContent() : Answers.Conflict();        // a tenant took it at this moment
    }

    private static async Task<ProblemHttpResult?> GiveAsync(TenantId tenant, GlobalTrunk trunk, string number, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        SaveOutcome outcome = await distribution.GiveAsync(tenant, trunk, number, cancel);
        return outcome switch
        {
            SaveOutcome.Saved => null,
            SaveOutcome.Duplicate => Answers.Taken("$.tenant", $"The tenant has a trunk of its own that is called \"{trunk.Name}\", or somebody got the number at this moment. The number stays in the inventory, free."),
            _ => Answers.Refused(outcome),
        };
    }

    private static async Task<(InventoryNumberDto Wish, GlobalTrunk? Trunk, TenantId? Tenant, RequestErrors Errors)> ReadAsync(
        JsonBody body, GlobalTrunkStore store, TenantLookup tenants, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        InventoryNumberDto wish = new()
        {
            Number = reader.Required("number", TrunkRules.Number),
            Trunk = reader.Required("trunk", TrunkRules.Name),
            SelfService = reader.OptionalBoolean("selfService") ?? false,
            Tenant = reader.Optional("tenant", Rules.TenantName),
        };
        reader.Finish();
        GlobalTrunk? trunk = wish.Trunk.Length > 0 ? await store.FindAsync(wish.Trunk, cancel) : null;
        if (trunk is null && wish.Trunk.Length > 0)
            errors.Add("$.trunk", "The platform has no such trunk: create it first.");
        TenantId? tenant = wish.Tenant is null ? null : await tenants.FindAsync(wish.Tenant, cancel);
        if (tenant is null && wish.Tenant is not null)
            errors.Add("$.tenant", "There is no such tenant.");
        return (wish, trunk, tenant, errors);
    }

    // Whose it is and whether it is open: nothing else of it changes.
    private static string StateOf(InventoryNumber number) => $"{number.TenantId?.Value ?? Guid.Empty:N}{(number.SelfService ? "-open" : "")}";

    private static InventoryNumberDto ToDto(InventoryNumber number) => new() { Number = number.Number, Trunk = number.Trunk, SelfService = number.SelfService, Tenant = number.Tenant };

    private static ProblemHttpResult Missing() => Answers.NotFound("The inventory has no such number.");
}
