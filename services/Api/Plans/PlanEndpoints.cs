using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data.Resellers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Plans;

/// <summary>What tenants may be given. Resellers read the plans, the operator makes them.</summary>
internal static class PlanEndpoints
{
    public const int Most = 1_000_000;

    public static void MapPlans(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/plans").WithTags("Plans");
        group.MapGet("/", ListAsync).For(UserRole.Reseller).WithName("ListPlans");
        group.MapGet("/{plan}", GetAsync).For(UserRole.Reseller).WithName("GetPlan");
        group.MapPut("/{plan}", PutAsync).WithName("PutPlan").Takes<PlanDto>().WithSummary("Makes a plan, or changes it for the tenants to come.");
        group.MapDelete("/{plan}", DeleteAsync).WithName("DeletePlan").WithSummary("Takes a plan away; tenants that have it keep its figures.");
    }

    internal static async Task<Ok<Page<PlanDto>>> ListAsync(ResellerStore store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<PlanDto>([.. (await store.ListPlansAsync(cancel)).Select(ToDto)], null));

    internal static async Task<Results<Ok<PlanDto>, ProblemHttpResult>> GetAsync(string plan, ResellerStore store, CancellationToken cancel) =>
        await store.FindPlanAsync(plan, cancel) is { } found ? TypedResults.Ok(ToDto(found)) : Missing();

    internal static async Task<Results<Ok<PlanDto>, Created<PlanDto>, ProblemHttpResult>> PutAsync(string plan, JsonBody body, ResellerStore store, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        GlobalPlan wish = new()
        {
            Name = plan,
            DisplayName = reader.Optional("displayName", Rules.DisplayName) ?? plan,
            MaxExtensions = reader.OptionalInteger("maxExtensions", 0, Most),
            MaxTrunks = reader.OptionalInteger("maxTrunks", 0, Most),
            MaxNumbers = reader.OptionalInteger("maxNumbers", 0, Most),
            MaxChannels = reader.OptionalInteger("maxChannels", 0, Most),
            MaxStorageMegabytes = reader.OptionalInteger("maxStorageMegabytes", 0, Most),
            OutsideMinutesPerDay = reader.OptionalInteger("outsideMinutesPerDay", 0, Most),
            TrialDays = reader.OptionalInteger("trialDays", 1, 3650),
            ForSignUp = reader.OptionalBoolean("forSignUp") ?? false,
        };
        if (reader.Optional("name", Rules.TenantName) is { } name && name != plan)
            errors.Add("$.name", $"Must be \"{plan}\", as in the path, or absent.");
        if (Rules.TenantName(plan) is { } wrong)
            errors.Add("plan", wrong);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return await store.SavePlanAsync(wish, cancel) ? TypedResults.Created($"/v1/plans/{plan}", ToDto(wish)) : TypedResults.Ok(ToDto(wish));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string plan, ResellerStore store, CancellationToken cancel) =>
        await store.RemovePlanAsync(plan, cancel) ? TypedResults.NoContent() : Missing();

    private static ProblemHttpResult Missing() => Answers.NotFound("There is no such plan. /v1/plans lists what there is.");

    internal static PlanDto ToDto(GlobalPlan plan) => new()
    {
        Name = plan.Name, DisplayName = plan.DisplayName, MaxExtensions = plan.MaxExtensions, MaxTrunks = plan.MaxTrunks, MaxNumbers = plan.MaxNumbers, MaxChannels = plan.MaxChannels,
        MaxStorageMegabytes = plan.MaxStorageMegabytes, OutsideMinutesPerDay = plan.OutsideMinutesPerDay, TrialDays = plan.TrialDays, ForSignUp = plan.ForSignUp,
    };
}
