using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>How a tenant calls the outside world, and its limits: two resources of one row.</summary>
internal static class OutsideEndpoints
{
    public static void MapOutside(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder outside = tenant.MapGroup("/outside").WithTags("Outside calls");
        outside.MapGet("/", GetOutsideAsync).WithName("GetOutside");
        outside.MapPut("/", ChangeOutsideAsync).WithName("ChangeOutside").Takes<OutsideDocument>();
        RouteGroupBuilder limits = tenant.MapGroup("/limits").WithTags("Limits");
        limits.MapGet("/", GetLimitsAsync).WithName("GetLimits");
        limits.MapPut("/", ChangeLimitsAsync).For(UserRole.Reseller).WithName("ChangeLimits").Takes<CallLimits>();
    }

    internal static async Task<Ok<OutsideDocument>> GetOutsideAsync(HttpContext http, PbxDbContext db, CancellationToken cancel) =>
        TypedResults.Ok((await ReadAsync(http, db, cancel)).ToDocument());

    internal static async Task<Ok<CallLimits>> GetLimitsAsync(HttpContext http, PbxDbContext db, CancellationToken cancel) =>
        TypedResults.Ok((await ReadAsync(http, db, cancel)).Limits);

    internal static async Task<Results<Ok<OutsideDocument>, ProblemHttpResult>> ChangeOutsideAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        OutsideDocument wish = reader.ReadOutside();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        (await References.LoadAsync(db, cancel)).Check(wish, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        ProblemHttpResult? problem = await SaveAsync(http, tenant, db, announcer, time, present => wish.ToSettings(present.Limits), "outside calls changed", cancel);
        return problem is null ? TypedResults.Ok(wish.ToSettings(new CallLimits()).ToDocument()) : problem;
    }

    internal static async Task<Results<Ok<CallLimits>, ProblemHttpResult>> ChangeLimitsAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        CallLimits wish = reader.ReadLimits();
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        ProblemHttpResult? problem = await SaveAsync(http, tenant, db, announcer, time, present => present with { Limits = wish }, "limits changed", cancel);
        return problem is null ? TypedResults.Ok(wish) : problem;
    }

    private static async Task<OutsideCalling> ReadAsync(HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.OutsideCalling.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } row)
            return new OutsideCalling();
        EntityTags.Write(http, row);
        return row.Settings;
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        HttpContext http, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time,
        Func<OutsideCalling, OutsideCalling> edit, string what, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        OutsideCallingRow? row = await db.OutsideCalling.SingleOrDefaultAsync(cancel);
        if (row is null)
        {
            row = new OutsideCallingRow { TenantId = tenant.TenantId, Settings = edit(new OutsideCalling()) };
            db.OutsideCalling.Add(row);
        }
        else if (!EntityTags.Allow(http, row))
        {
            return Answers.ChangedSinceRead();
        }
        else
        {
            row.Settings = edit(row.Settings);
        }
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.ChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, row);
        return null;
    }
}
