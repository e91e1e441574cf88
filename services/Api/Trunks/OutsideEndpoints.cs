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
    private const int LongestTable = 1_000_000;                   // characters of a rate table

    public static void MapOutside(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder outside = tenant.MapGroup("/outside").WithTags("Outside calls");
        outside.MapGet("/", GetOutsideAsync).WithName("GetOutside");
        outside.MapPut("/", ChangeOutsideAsync).WithName("ChangeOutside").Takes<OutsideDocument>();
        RouteGroupBuilder limits = tenant.MapGroup("/limits").WithTags("Limits");
        limits.MapGet("/", GetLimitsAsync).WithName("GetLimits");
        limits.MapPut("/", ChangeLimitsAsync).For(UserRole.Reseller).WithName("ChangeLimits").Takes<CallLimits>();
        RouteGroupBuilder rates = tenant.MapGroup("/rates").WithTags("Limits");
        rates.MapGet("/", GetRatesAsync).WithName("GetRates").WithSummary("The rate table in CSV: a prefix in E.164 and the price of a minute on each line.").Produces<string>(200, "text/csv");
        rates.MapPut("/", ChangeRatesAsync).For(UserRole.Reseller).WithName("ChangeRates").WithSummary("Replaces the rate table by a CSV text, for example +4989,0.0125.").Accepts<string>("text/csv", BodyDescriptions.AnyType)
            .Produces<string>(200, "text/csv").ProducesProblem(StatusCodes.Status400BadRequest);
    }

    internal static async Task<ContentHttpResult> GetRatesAsync(HttpContext http, PbxDbContext db, CancellationToken cancel) =>
        TypedResults.Text(RateTable.Write((await ReadAsync(http, db, cancel)).Rates), "text/csv");

    internal static async Task<Results<ContentHttpResult, ProblemHttpResult>> ChangeRatesAsync(
        HttpContext http, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        using StreamReader reader = new(http.Request.Body);
        char[] text = new char[LongestTable + 1];
        int length = await reader.ReadBlockAsync(text, cancel);
        string? fault = length > LongestTable ? $"The table may have at most {LongestTable} characters." : null;
        IReadOnlyList<CallRate> rates = [];
        fault ??= RateTable.Read(new string(text, 0, length), out rates);
        if (fault is not null)
            return Answers.Invalid(new Dictionary<string, string[]> { ["$"] = [fault] });
        ProblemHttpResult? problem = await SaveAsync(http, tenant, db, announcer, time, present => present with { Rates = rates }, "rates changed", cancel);
        return problem is null ? TypedResults.Text(RateTable.Write(rates), "text/csv") : problem;
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
        ProblemHttpResult? problem = await SaveAsync(http, tenant, db, announcer, time, present => wish.ToSettings(present.Limits, present.Rates), "outside calls changed", cancel);
        return problem is null ? TypedResults.Ok(wish.ToSettings(new CallLimits(), []).ToDocument()) : problem;
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
        OutsideCalling before = row?.Settings ?? new OutsideCalling();
        if (row is null)
        {
            row = new OutsideCallingRow { TenantId = tenant.TenantId, Settings = edit(before) };
            db.OutsideCalling.Add(row);
        }
        else if (!EntityTags.Allow(http, row))
        {
            return Answers.ChangedSinceRead();
        }
        else
        {
            row.Settings = edit(before);
        }
        // Edges know by them which calls no ban stops. The language is not changed here, so any does to compare.
        List<string> numbers = await db.PhoneNumbers.Select(n => n.Number).ToListAsync(cancel);
        bool forHelp = !DialledForHelp(before).SequenceEqual(DialledForHelp(row.Settings));
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await (forHelp ? announcer.UsersChangedAsync(tenant.TenantId, change.Version) : announcer.CallsChangedAsync(tenant.TenantId, change.Version));
        EntityTags.Write(http, row);
        return null;

        IReadOnlyDictionary<string, string> DialledForHelp(OutsideCalling settings) => Emergency.Dialled(settings, HomeCountry.Of(settings, numbers), "");
    }
}
