using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Tenants;

/// <summary>What a tenant may have, how it stands, what it used, how its pages look.</summary>
internal static class TenantPlanEndpoints
{
    public static void MapTenantPlan(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("").WithTags("Tenants");
        group.MapGet("/plan", GetPlanAsync).WithName("GetTenantPlan");
        group.MapPut("/plan", ChangePlanAsync).For(UserRole.Reseller).WithName("ChangeTenantPlan").Takes<NewTenantPlan>();
        group.MapPost("/suspend", SuspendAsync).For(UserRole.Reseller).WithName("SuspendTenant").Takes<Suspension>().WithSummary("Ends its calls and refuses new ones, emergency calls excepted. Phones stay registered.");
        group.MapPost("/resume", ResumeAsync).For(UserRole.Reseller).WithName("ResumeTenant");
        group.MapGet("/usage", UsageAsync).WithName("GetTenantUsage").WithSummary("What it used in a month.").WithMetadata(TenantUsage.Month);
        group.MapGet("/branding", GetBrandingAsync).For(UserRole.User).WithName("GetTenantBranding");
        group.MapPut("/branding", ChangeBrandingAsync).For(UserRole.Reseller).WithName("ChangeTenantBranding").Takes<BrandingDto>();
    }

    internal static async Task<Results<Ok<TenantPlanDto>, ProblemHttpResult>> GetPlanAsync(HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } tenant)
            return Answers.NoTenant();
        EntityTags.Write(http, tenant);
        return TypedResults.Ok(await ToDtoAsync(db, tenant, cancel));
    }

    internal static async Task<Results<Ok<TenantPlanDto>, ProblemHttpResult>> ChangePlanAsync(
        HttpContext http, JsonBody body, PbxDbContext db, ResellerStore plans, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewTenantPlan wish = new()
        {
            Plan = reader.Optional("plan", Rules.TenantName),
            MaxExtensions = reader.OptionalInteger("maxExtensions", 0, PlanEndpoints.Most),
            MaxTrunks = reader.OptionalInteger("maxTrunks", 0, PlanEndpoints.Most),
            MaxNumbers = reader.OptionalInteger("maxNumbers", 0, PlanEndpoints.Most),
            MaxStorageMegabytes = reader.OptionalInteger("maxStorageMegabytes", 0, PlanEndpoints.Most),
            TrialDays = reader.OptionalInteger("trialDays", 0, 3650),
        };
        reader.Finish();
        GlobalPlan? plan = wish.Plan is { } name && !errors.Any ? await plans.FindPlanAsync(name, cancel) : null;
        if (wish.Plan is not null && plan is null && !errors.Any)
            errors.Add("$.plan", "There is no such plan. /v1/plans lists what there is.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return await ChangeAsync(http, db, announcer, time, "plan changed", async tenant =>
        {
            tenant.Apply(plan, time.GetUtcNow().UtcDateTime);
            tenant.MaxExtensions = wish.MaxExtensions ?? tenant.MaxExtensions;
            tenant.MaxTrunks = wish.MaxTrunks ?? tenant.MaxTrunks;
            tenant.MaxNumbers = wish.MaxNumbers ?? tenant.MaxNumbers;
            tenant.MaxStorageMegabytes = wish.MaxStorageMegabytes ?? tenant.MaxStorageMegabytes;
            tenant.StorageFull = StorageUse.IsFull(tenant, await StorageUse.OctetsAsync(db, cancel));
            if (wish.TrialDays is { } days)
                tenant.TrialEndsAt = days == 0 ? null : time.GetUtcNow().UtcDateTime.AddDays(days);
            await GiveOutsideAsync(db, tenant, plan, cancel);
        }, cancel);
    }

    internal static async Task<Results<Ok<TenantPlanDto>, ProblemHttpResult>> SuspendAsync(
        HttpContext http, JsonBody body, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string? reason = reader.Optional("reason", Rules.DisplayName);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        // Its worker ends its calls, when it takes the configuration.
        return await ChangeAsync(http, db, announcer, time, "tenant suspended", tenant =>
        {
            tenant.SuspendedAt ??= time.GetUtcNow().UtcDateTime;
            tenant.SuspensionReason = reason;
            return Task.CompletedTask;
        }, cancel);
    }

    internal static Task<Results<Ok<TenantPlanDto>, ProblemHttpResult>> ResumeAsync(
        HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel) =>
        ChangeAsync(http, db, announcer, time, "tenant resumed", tenant =>
        {
            (tenant.SuspendedAt, tenant.SuspensionReason) = (null, null);
            return Task.CompletedTask;
        }, cancel);

    internal static async Task<Results<Ok<UsageDto>, ProblemHttpResult>> UsageAsync(HttpRequest request, PbxDbContext db, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        DateTime month = TenantUsage.ReadMonth(request, time, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is { } tenant ? TypedResults.Ok(await TenantUsage.ReadAsync(db, tenant, month, cancel)) : Answers.NoTenant();
    }

    internal static async Task<Results<Ok<BrandingDto>, ProblemHttpResult>> GetBrandingAsync(HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } tenant)
            return Answers.NoTenant();
        EntityTags.Write(http, tenant);
        return TypedResults.Ok(tenant.Branding.ToDto());
    }

    internal static async Task<Results<Ok<BrandingDto>, ProblemHttpResult>> ChangeBrandingAsync(
        HttpContext http, JsonBody body, TenantContext context, PbxDbContext db, BrandingHosts hosts, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        BrandingDto wish = reader.ReadBranding();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await hosts.RefuseAsync(wish.ToBranding(), context.TenantId.Value, "$.host", cancel) is { } taken)
            return taken;
        Results<Ok<TenantPlanDto>, ProblemHttpResult> answer = await ChangeAsync(http, db, announcer, time, "branding changed", tenant =>
        {
            tenant.Branding = wish.ToBranding();
            return Task.CompletedTask;
        }, cancel);
        if (answer.Result is ProblemHttpResult problem)
            return problem;
        hosts.Saved();
        return TypedResults.Ok(wish.ToBranding().ToDto());
    }

    private static async Task<Results<Ok<TenantPlanDto>, ProblemHttpResult>> ChangeAsync(
        HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, string what, Func<Tenant, Task> edit, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NoTenant();
        Tenant tenant = await db.Tenants.SingleAsync(cancel);
        if (!EntityTags.Allow(http, tenant))
            return Answers.ChangedSinceRead();
        await edit(tenant);
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.Id, change.Version);
        EntityTags.Write(http, tenant);
        return TypedResults.Ok(await ToDtoAsync(db, tenant, cancel));
    }

    /// <summary>The plan's channels and minutes become the tenant's limits, which its calls are held to.</summary>
    internal static async Task GiveOutsideAsync(PbxDbContext db, Tenant tenant, GlobalPlan? plan, CancellationToken cancel)
    {
        if (plan is null or { MaxChannels: null, OutsideMinutesPerDay: null })
            return;
        OutsideCallingRow? row = db.OutsideCalling.Local.SingleOrDefault() ?? await db.OutsideCalling.SingleOrDefaultAsync(cancel);      // a tenant that is being made has its own here
        if (row is null)
            db.OutsideCalling.Add(row = new OutsideCallingRow { TenantId = tenant.Id, Settings = new() });
        CallLimits limits = row.Settings.Limits;
        row.Settings = row.Settings with
        {
            Limits = limits with { MaxChannels = plan.MaxChannels ?? limits.MaxChannels, OutsideMinutesPerDay = plan.OutsideMinutesPerDay ?? limits.OutsideMinutesPerDay },
        };
    }

    /// <summary>Copies a plan's figures into a tenant; none means no limits.</summary>
    internal static void Apply(this Tenant tenant, GlobalPlan? plan, DateTime now)
    {
        tenant.Plan = plan?.Name;
        tenant.MaxExtensions = plan?.MaxExtensions;
        tenant.MaxTrunks = plan?.MaxTrunks;
        tenant.MaxNumbers = plan?.MaxNumbers;
        tenant.MaxStorageMegabytes = plan?.MaxStorageMegabytes;
        tenant.TrialEndsAt = plan?.TrialDays is { } days ? now.AddDays(days) : null;
    }

    private static async Task<TenantPlanDto> ToDtoAsync(PbxDbContext db, Tenant tenant, CancellationToken cancel) => new()
    {
        Plan = tenant.Plan, MaxExtensions = tenant.MaxExtensions, MaxTrunks = tenant.MaxTrunks, MaxNumbers = tenant.MaxNumbers, TrialEndsAt = tenant.TrialEndsAt, SuspendedAt = tenant.SuspendedAt,
        SuspensionReason = tenant.SuspensionReason, Extensions = await db.Extensions.CountAsync(cancel), Trunks = await db.Trunks.CountAsync(t => t.GlobalTrunkId == null, cancel), Numbers = await PlanLimits.CountNumbersAsync(db, cancel),
        MaxStorageMegabytes = tenant.MaxStorageMegabytes, StorageMegabytes = StorageUse.Megabytes(await StorageUse.OctetsAsync(db, cancel)), StorageFull = tenant.StorageFull,
    };
}
