using CloudPbx.Api.Bodies;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Resellers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Platform;

/// <summary>Inventories of numbers, which tenant has got which, and which tenants may take themselves: the platform's, which is the operator's, and a reseller's, whose numbers go to its tenants alone.</summary>
internal static class InventoryEndpoints
{
    /// <summary>Maps the inventory of the place that a group is about.</summary>
    /// <param name="group">The group: the platform, or a reseller.</param>
    /// <param name="place">What the operations' names have in them: nothing for the platform.</param>
    public static void MapInventory(this RouteGroupBuilder group, string place = "")
    {
        RouteGroupBuilder numbers = group.MapGroup("/numbers").WithTags(place.Length == 0 ? "Platform" : "Resellers");
        numbers.MapGet("/", ListAsync).WithName($"List{place}Inventory").WithMetadata([.. QueryParameter.Page]);
        numbers.MapGet("/{number}", GetAsync).WithName($"Get{place}InventoryNumber");
        numbers.MapPost("/", AddAsync).WithName($"Add{place}InventoryNumber").Takes<InventoryNumberDto>();
        numbers.MapPut("/{number}", ChangeAsync).WithName($"Change{place}InventoryNumber").WithSummary("Gives the number to a tenant, or takes it back; opens it for tenants to take themselves, or closes it.").Takes<InventoryNumberDto>();
        numbers.MapDelete("/{number}", RemoveAsync).WithName($"Remove{place}InventoryNumber");
    }

    internal static async Task<Results<Ok<Page<InventoryNumberDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<InventoryNumber> found = await store.ListNumbersAsync(owner.Id, page.After, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<InventoryNumberDto>([.. found.Take(page.Limit).Select(ToDto)], found.Count > page.Limit ? found[page.Limit - 1].Number : null));
    }

    internal static async Task<Results<Ok<InventoryNumberDto>, ProblemHttpResult>> GetAsync(string number, HttpContext http, ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel)
    {
        if (await FindAsync(number, owner, store, cancel) is not { } found)
            return Missing();
        EntityTags.Write(http, StateOf(found));
        return TypedResults.Ok(ToDto(found));
    }

    internal static async Task<Results<CreatedAtRoute<InventoryNumberDto>, ProblemHttpResult>> AddAsync(
        JsonBody body, ResellerOfRequest owner, GlobalTrunkStore store, TenantLookup tenants, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        (InventoryNumberDto wish, GlobalTrunk? trunk, TenantId? tenant, RequestErrors errors) = await ReadAsync(body, owner, store, tenants, cancel);
        if (errors.Any || trunk is null)
            return Answers.Invalid(errors.ToDictionary());
        if ((await tenants.FindForeignNumbersAsync([wish.Number], default, cancel)).Count > 0)
            return Answers.Taken("$.number", "A tenant has this number as its own.");
        SaveOutcome outcome = await store.AddNumberAsync(new GlobalNumber { Number = wish.Number, TrunkId = trunk.Id, SelfService = wish.SelfService == true }, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.number", "Is in an inventory already, this one or another: a number belongs to one alone.") : Answers.Refused(outcome);
        if (tenant is { } receiver && await GiveAsync(receiver, trunk, wish.Number, distribution, cancel) is { } problem)
            return problem;
        return owner.Id is { } reseller
            ? TypedResults.CreatedAtRoute(wish, "GetResellerInventoryNumber", new { reseller = $"{reseller}", number = wish.Number })
            : TypedResults.CreatedAtRoute(wish, "GetInventoryNumber", new { number = wish.Number });
    }

    internal static async Task<Results<Ok<InventoryNumberDto>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, JsonBody body, ResellerOfRequest owner, GlobalTrunkStore store, TenantLookup tenants, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        (InventoryNumberDto wish, GlobalTrunk? trunk, TenantId? tenant, RequestErrors errors) = await ReadAsync(body, owner, store, tenants, cancel);
        if (errors.Any || trunk is null)
            return Answers.Invalid(errors.ToDictionary());
        if (await FindAsync(number, owner, store, cancel) is not { } present)
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
            if (tenant is { } receiver && await GiveAsync(receiver, trunk, number, distribution, cancel) is { } problem)
                return problem;
        }
        return TypedResults.Ok(wish);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string number, ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel)
    {
        if (await FindAsync(number, owner, store, cancel) is not { } present)
            return Missing();
        if (present.Tenant is { } tenant)
            return Answers.InUse($"The tenant {tenant} has this number. Take it back first: PUT it without a tenant.");
        return await store.RemoveNumberAsync(number, cancel) ? TypedResults.NoContent() : Answers.Conflict();        // a tenant took it at this moment
    }

    // Another owner's number is as unknown as one that nobody has.
    private static async Task<InventoryNumber?> FindAsync(string number, ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel) =>
        await store.FindNumberAsync(number, cancel) is { } found && found.ResellerId == owner.Id ? found : null;

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
        JsonBody body, ResellerOfRequest owner, GlobalTrunkStore store, TenantLookup tenants, CancellationToken cancel)
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
        GlobalTrunk? trunk = wish.Trunk.Length > 0 ? await store.FindAsync(owner.Id, wish.Trunk, cancel) : null;
        if (trunk is null && wish.Trunk.Length > 0)
            errors.Add("$.trunk", "There is no such shared trunk: create it first.");
        // The operator gives to every tenant, a reseller to its own: another's is unknown to it.
        TenantOwner? found = wish.Tenant is null ? null : await tenants.FindOwnerAsync(wish.Tenant, cancel);
        TenantId? tenant = owner.Id is null || found?.ResellerId == owner.Id ? found?.Id : null;
        if (tenant is null && wish.Tenant is not null)
            errors.Add("$.tenant", "There is no such tenant.");
        return (wish, trunk, tenant, errors);
    }

    // Whose it is and whether it is open: nothing else of it changes.
    private static string StateOf(InventoryNumber number) => $"{number.TenantId?.Value ?? Guid.Empty:N}{(number.SelfService ? "-open" : "")}";

    private static InventoryNumberDto ToDto(InventoryNumber number) => new() { Number = number.Number, Trunk = number.Trunk, SelfService = number.SelfService, Tenant = number.Tenant };

    private static ProblemHttpResult Missing() => Answers.NotFound("The inventory has no such number.");
}
