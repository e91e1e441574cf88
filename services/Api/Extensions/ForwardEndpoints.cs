using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Extensions;

/// <summary>Where an extension sends its calls on: for its user to change, too, while the rest of it is the administrator's.</summary>
internal static class ForwardEndpoints
{
    public static void MapForwards(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/extensions/{number}/forwards").WithTags("Extensions").For(UserRole.User);
        group.MapGet("/", GetAsync).WithName("GetForwards").WithSummary("Says where the extension sends its calls on.");
        group.MapPut("/", ChangeAsync).WithName("ChangeForwards").Takes<CallForwards>()
            .WithSummary("Says where the extension sends its calls on from now on; what is absent is sent nowhere. A user may say so for the own extension.");
    }

    internal static async Task<Results<Ok<CallForwards>, ProblemHttpResult>> GetAsync(string number, HttpContext http, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        if ((caller.OwnNumber ?? number) != number || await db.Extensions.AsNoTracking().SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return ExtensionEndpoints.Missing();
        EntityTags.Write(http, extension);
        return TypedResults.Ok(extension.Forwards ?? CallForwards.None);
    }

    internal static async Task<Results<Ok<CallForwards>, ProblemHttpResult>> ChangeAsync(
        string number, HttpContext http, Caller caller, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        CallForwards wish = body.Read(errors).ReadForwards(number);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if ((caller.OwnNumber ?? number) != number)
            return ExtensionEndpoints.Missing();
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Extensions.SingleOrDefaultAsync(e => e.Number == number, cancel) is not { } extension)
            return ExtensionEndpoints.Missing();
        if (!EntityTags.Allow(http, extension))
            return Answers.ChangedSinceRead();
        extension.Forwards = wish == CallForwards.None ? null : wish;
        SaveOutcome outcome = await change.TrySaveAsync($"extension {number} changed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
        EntityTags.Write(http, extension);
        return TypedResults.Ok(wish);
    }
}
