using System.Security.Cryptography;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.SignUps;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Domains;

/// <summary>The SIP domains of a tenant. What an administrator adds is a claim that no phone can use until its DNS proves it; operators and resellers are believed.</summary>
internal static class DomainEndpoints
{
    private const int LongestName = 240;                                                // there is room for the labels before it

    public static void MapDomains(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/domains").WithTags("Domains");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListDomains").WithSummary("Lists the domains, the realm first, and for administrators those that are not proven yet.");
        group.MapGet("/{domain}", GetAsync).WithName("GetDomain").WithSummary("Says which records to create in the domain's DNS.");
        group.MapPost("/", CreateAsync).WithName("CreateDomain").Takes<NewDomain>().WithSummary("Adds a domain; an administrator's must be proven before phones can use it.");
        group.MapPost("/{domain}/check", CheckAsync).WithName("CheckDomain").WithSummary("Asks DNS for the domain's records, says what to do about each, and takes the domain over when it is proven.");
        group.MapDelete("/{domain}", DeleteAsync).WithName("DeleteDomain");
    }

    internal static async Task<Ok<Page<DomainDto>>> ListAsync(Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        List<string> names = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).ToListAsync(cancel);
        List<string> claims = caller.Role == UserRole.User ? [] : await db.DomainClaims.OrderBy(c => c.Name).Select(c => c.Name).ToListAsync(cancel);
        return TypedResults.Ok(new Page<DomainDto>([.. names.Select((name, index) => new DomainDto(name, index == 0)), .. claims.Select(name => new DomainDto(name, false) { Proven = false })], null));
    }

    internal static async Task<Results<Ok<DomainDto>, ProblemHttpResult>> GetAsync(string domain, PbxDbContext db, SipAccess access, CancellationToken cancel) =>
        await FindAsync(domain, db, cancel) is { } found ? TypedResults.Ok(found.ToDto(access)) : Missing();

    internal static async Task<Results<Created<DomainDto>, ProblemHttpResult>> CreateAsync(
        JsonBody body, Caller caller, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, SipAccess access, IOptions<DomainOptions> options, IOptions<SignUpOptions> signUp,
        TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string name = reader.Required("name", Rules.Domain);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        name = Rules.NormalizeDomain(name)!;
        if (caller.Role > UserRole.Reseller)
            return await ClaimAsync(name, tenant, db, access, options.Value, signUp.Value, time, cancel);
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        bool isRealm = await AddAsync(name, tenant.TenantId, db, cancel);
        if (await SaveAsync(change, $"domain {name} added", tenant, announcer, time, cancel) is { } refused)
            return refused;
        return TypedResults.Created(Address(tenant, name), new DomainDto(name, isRealm) { Records = DomainRecords.Of(name, null, access) });
    }

    internal static async Task<Results<Ok<DomainCheckDto>, ProblemHttpResult>> CheckAsync(
        string domain, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, SipAccess access, IDomainNames dns, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(domain, db, cancel) is not { } found)
            return Missing();
        DnsCheckDto[] checks = await Task.WhenAll(
            DomainRecords.Of(found.Name, found.Token, access).Select(async record => DomainRecords.Check(record, await dns.FindAsync(record.Type, record.Name, cancel))));
        bool proven = found.Token is null;
        if (Array.Exists(checks, check => check is { Record.Purpose: DnsPurpose.Proof, State: DnsRecordState.Right }))
        {
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
            if (change is null || !await db.DomainClaims.AnyAsync(c => c.Name == found.Name, cancel))
                return Missing();
            await AddAsync(found.Name, tenant.TenantId, db, cancel);
            if (await SaveAsync(change, $"domain {found.Name} proven", tenant, announcer, time, cancel) is { } refused)
                return refused;
            proven = true;
        }
        bool reachable = Array.Exists(checks, check => check is { Record.Type: "SRV", State: DnsRecordState.Right })
            && !Array.Exists(checks, check => check is { Record: { Type: "A" or "AAAA", Purpose: DnsPurpose.Server }, State: not DnsRecordState.Right });
        return TypedResults.Ok(new DomainCheckDto { Name = found.Name, Proven = proven, Reachable = reachable, Records = checks });
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string domain, Caller caller, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, IOptions<SignUpOptions> signUp, TimeProvider time, CancellationToken cancel)
    {
        string? name = Rules.NormalizeDomain(domain);
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Missing();
        if (await db.DomainClaims.SingleOrDefaultAsync(c => c.Name == name, cancel) is { } claim)
            db.DomainClaims.Remove(claim);
        else if (await db.Domains.SingleOrDefaultAsync(d => d.Name == name, cancel) is not { } row)
            return Missing();
        else if (caller.Role > UserRole.Reseller && IsOfPlatform(row.Name, signUp.Value))
            return OfPlatform(signUp.Value);
        else
            db.Domains.Remove(row);
        return await SaveAsync(change, $"domain {name} removed", tenant, announcer, time, cancel) is { } refused ? refused : TypedResults.NoContent();
    }

    private static async Task<Results<Created<DomainDto>, ProblemHttpResult>> ClaimAsync(
        string name, TenantContext tenant, PbxDbContext db, SipAccess access, DomainOptions options, SignUpOptions signUp, TimeProvider time, CancellationToken cancel)
    {
        if (IsOfPlatform(name, signUp))
            return OfPlatform(signUp);
        if (name.Length > LongestName)
            return Answers.Invalid(new Dictionary<string, string[]> { ["$.name"] = [$"Must have at most {LongestName} characters: the records stand below it."] });
        if (await db.Domains.AnyAsync(d => d.Name == name, cancel))
            return Taken();
        if (await db.DomainClaims.CountAsync(cancel) >= options.MostClaims)
            return Answers.Conflict($"The tenant has {options.MostClaims} domains that are not proven. Prove or remove one first.");
        DomainClaim claim = new() { TenantId = tenant.TenantId, Name = name, Token = RandomNumberGenerator.GetHexString(32, lowercase: true), CreatedAt = time.GetUtcNow().UtcDateTime };
        db.DomainClaims.Add(claim);
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.name", "The domain was added already and is not proven: create its records, then check it.") : Answers.Refused(outcome);
        return TypedResults.Created(Address(tenant, name), new FoundDomain(name, false, claim.Token).ToDto(access));
    }

    /// <summary>Adds a domain after the others, in the place of its claim; gives whether it is the realm.</summary>
    private static async Task<bool> AddAsync(string name, TenantId tenant, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.DomainClaims.SingleOrDefaultAsync(c => c.Name == name, cancel) is { } claim)
            db.DomainClaims.Remove(claim);
        int position = await db.Domains.MaxAsync(d => (int?)d.Position, cancel) + 1 ?? 0;
        db.Domains.Add(new TenantDomain { Id = DomainId.New(), TenantId = tenant, Name = name, Position = position });
        return position == 0;
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        ConfigurationChange change, string what, TenantContext tenant, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Taken() : Answers.Refused(outcome);
        await announcer.ChangedAsync(tenant.TenantId, change.Version);
        return null;
    }

    private static async Task<FoundDomain?> FindAsync(string domain, PbxDbContext db, CancellationToken cancel)
    {
        string? name = Rules.NormalizeDomain(domain);
        if (name is null)
            return null;
        List<string> names = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).ToListAsync(cancel);
        if (names.Contains(name))
            return new FoundDomain(name, names[0] == name, null);
        return await db.DomainClaims.AsNoTracking().SingleOrDefaultAsync(c => c.Name == name, cancel) is { } claim ? new FoundDomain(name, false, claim.Token) : null;
    }

    private static bool IsOfPlatform(string name, SignUpOptions signUp) =>
        name.Equals(signUp.Domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + signUp.Domain, StringComparison.OrdinalIgnoreCase);

    private static string Address(TenantContext tenant, string name) => $"/v1/tenants/{tenant.TenantId}/domains/{name}";

    private static ProblemHttpResult OfPlatform(SignUpOptions signUp) => Answers.Forbidden($"Names below {signUp.Domain} are the platform's to give and to take. Ask the operator, or use a domain of your own.");

    private static ProblemHttpResult Taken() => Answers.Taken("$.name", "The domain is in use: a domain belongs to one tenant.");

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such domain.");

    /// <summary>A domain with what proves it; no token: it is proven.</summary>
    private sealed record FoundDomain(string Name, bool IsRealm, string? Token)
    {
        public DomainDto ToDto(SipAccess access) => new(Name, IsRealm) { Proven = Token is null, Records = DomainRecords.Of(Name, Token, access) };
    }
}
