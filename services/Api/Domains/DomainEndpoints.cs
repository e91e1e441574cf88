using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Domains;

/// <summary>The SIP domains of a tenant.</summary>
internal static class DomainEndpoints
{
    public static void MapDomains(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/domains").WithTags("Domains");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListDomains");
        group.MapPost("/", CreateAsync).For(UserRole.Reseller).WithName("CreateDomain").Takes<NewDomain>();
        group.MapDelete("/{domain}", DeleteAsync).For(UserRole.Reseller).WithName("DeleteDomain");
    }

    internal static async Task<Ok<Page<DomainDto>>> ListAsync(PbxDbContext db, CancellationToken cancel)
    {
        List<string> names = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).ToListAsync(cancel);
        return TypedResults.Ok(new Page<DomainDto>([.. names.Select((name, index) => new DomainDto(name, index == 0))], null));
    }

    internal static async Task<Results<Created<DomainDto>, ProblemHttpResult>> CreateAsync(
        JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string name = reader.Required("name", Rules.Domain);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        name = Rules.NormalizeDomain(name)!;
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        int position = await db.Domains.MaxAsync(d => (int?)d.Position, cancel) + 1 ?? 0;
        db.Domains.Add(new TenantDomain { Id = DomainId.New(), TenantId = tenant.TenantId, Name = name, Position = position });
        SaveOutcome outcome = await change.TrySaveAsync($"domain {name} added", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.name", "The domain is in use: a domain belongs to one tenant.") : Answers.Refused(outcome);
        await announcer.ChangedAsync(tenant.TenantId, change.Version);
        return TypedResults.Created((string?)null, new DomainDto(name, position == 0));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string domain, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        string? name = Rules.NormalizeDomain(domain);
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.Domains.SingleOrDefaultAsync(d => d.Name == name, cancel) is not { } row)
            return Answers.NotFound("This tenant has no such domain.");
        db.Domains.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"domain {name} removed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.ChangedAsync(tenant.TenantId, change.Version);
        return TypedResults.NoContent();
    }
}
