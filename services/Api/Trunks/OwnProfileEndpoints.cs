using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>A tenant's own profiles of carriers, by name.</summary>
internal static class OwnProfileEndpoints
{
    public static void MapOwnProfiles(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/profiles").WithTags("Profiles");
        group.MapGet("/", ListAsync).WithName("ListOwnProfiles").WithSummary("Lists the tenant's own profiles; a trunk names one of them or a shipped one.").WithMetadata([.. QueryParameter.Page]);
        group.MapGet("/{profile}", GetAsync).WithName("GetOwnProfile");
        group.MapPost("/", CreateAsync).WithName("CreateOwnProfile").Takes<ProfileDocument>();
        group.MapPut("/{profile}", ChangeAsync).WithName("ChangeOwnProfile").WithSummary("Changes a profile, and with it what the trunks do that use it.").Takes<ProfileDocument>();
        group.MapDelete("/{profile}", DeleteAsync).WithName("DeleteOwnProfile").WithSummary("Deletes a profile that no trunk uses.");
    }

    internal static async Task<Results<Ok<Page<ProfileDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<TrunkProfileRow> profiles = db.TrunkProfiles.AsNoTracking();
        if (page.After is { } after)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
            profiles = profiles.Where(p => string.Compare(p.Name, after) > 0);
#pragma warning restore CA1309
        List<TrunkProfileRow> found = await profiles.OrderBy(p => p.Name).Take(page.Limit + 1).ToListAsync(cancel);
        ILookup<string, string> uses = (await UsersAsync(db, cancel)).ToLookup(t => t.Details.ProfileName, t => t.Name, StringComparer.Ordinal);
        return TypedResults.Ok(new Page<ProfileDto>([.. found.Take(page.Limit).Select(p => p.ToDto(uses[p.Name]))], found.Count > page.Limit ? found[page.Limit - 1].Name : null));
    }

    internal static async Task<Results<Ok<ProfileDto>, ProblemHttpResult>> GetAsync(string profile, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.TrunkProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.Name == profile, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(NamesOf(await UsersAsync(db, cancel), row.Name)));
    }

    internal static async Task<Results<CreatedAtRoute<ProfileDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (ProfileDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        if (await db.TrunkProfiles.CountAsync(cancel) >= OwnProfiles.Most)
            return Answers.InUse($"The tenant has {OwnProfiles.Most} profiles, which is the most. Delete one first.");
        TrunkProfileRow row = ProfileMapping.NewProfile(tenant.TenantId, wish);
        db.TrunkProfiles.Add(row);
        SaveOutcome outcome = await change.TrySaveAsync($"profile {row.Name} created", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NameTaken() : Answers.Refused(outcome);
        await announcer.CallsChangedAsync(row.TenantId, change.Version);
        EntityTags.Write(http, row);
        return TypedResults.CreatedAtRoute(row.ToDto([]), "GetOwnProfile", new { tenant = tenant.TenantId.ToString(), profile = row.Name });
    }

    internal static async Task<Results<Ok<ProfileDto>, ProblemHttpResult>> ChangeAsync(
        string profile, HttpContext http, JsonBody body, PbxDbContext db, SourceConflicts conflicts, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        (ProfileDocument wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.TrunkProfiles.SingleOrDefaultAsync(p => p.Name == profile, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        List<Trunk> trunks = await db.Trunks.ToListAsync(cancel);
        Trunk[] users = [.. trunks.Where(t => t.Details.OwnProfile is not null && t.Details.ProfileName == row.Name)];
        row.Apply(wish);
        foreach (Trunk user in users)
        {
            user.Follow(row.ToProfile());
            if (OwnProfiles.Fault(row.ToProfile(), user.Details.Changes) is { } fault)
                errors.Add($"$.{fault.Member}", $"The trunk \"{user.Name}\" uses the profile, and with its own changes this does not fit. {fault.Sentence}");
        }
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (users.Length > 0 && await FindConflictsAsync(db, conflicts, row, trunks, errors, cancel))
            return Answers.Taken(errors.ToDictionary());
        SaveOutcome outcome = await change.TrySaveAsync($"profile {row.Name} changed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NameTaken() : Answers.Refused(outcome);
        await announcer.ChangedAsync(row.TenantId, change.Version);                     // the edges too: they read called numbers by it
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto(users.Select(t => t.Name)));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string profile, HttpContext http, PbxDbContext db, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await db.TrunkProfiles.SingleOrDefaultAsync(p => p.Name == profile, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        string[] users = [.. NamesOf(await UsersAsync(db, cancel), row.Name).Order(StringComparer.Ordinal)];
        if (users.Length > 0)
            return Answers.InUse($"The profile is used by {string.Join(", ", users.Take(5).Select(name => $"trunk {name}"))}{(users.Length > 5 ? $" and {users.Length - 5} more" : "")}. Give them another profile first.");
        db.TrunkProfiles.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"profile {row.Name} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(row.TenantId, change.Version);
        return TypedResults.NoContent();
    }

    // How a trunk reads the called number may be what lets it share a carrier's network with another tenant.
    private static async Task<bool> FindConflictsAsync(PbxDbContext db, SourceConflicts conflicts, TrunkProfileRow row, List<Trunk> trunks, RequestErrors errors, CancellationToken cancel)
    {
        await SourceConflicts.LockAsync(db, cancel);
        ILookup<TrunkId, string> sources = (await db.TrunkSources.AsNoTracking().ToListAsync(cancel)).ToLookup(s => s.TrunkId, s => s.Network);
        IReadOnlyList<SourceConflict> found = await conflicts.FindAsync(row.TenantId, [.. trunks.Select(t => (t, (IReadOnlyList<string>)[.. sources[t.Id]]))], cancel);
        foreach (SourceConflict conflict in found.Where(conflict => trunks.Exists(t => t.Name == conflict.Trunk && t.Details.OwnProfile is not null && t.Details.ProfileName == row.Name)))
            errors.Add("$.changes", $"The trunk \"{conflict.Trunk}\" uses the profile, and of its source {conflict.Network}: {conflict.Reason}");
        return errors.Any;
    }

    private static async Task<List<Trunk>> UsersAsync(PbxDbContext db, CancellationToken cancel) =>
        [.. (await db.Trunks.AsNoTracking().ToListAsync(cancel)).Where(t => t.Details.OwnProfile is not null)];

    private static IEnumerable<string> NamesOf(IEnumerable<Trunk> users, string profile) => users.Where(t => t.Details.ProfileName == profile).Select(t => t.Name);

    private static (ProfileDocument Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        ProfileDocument wish = reader.ReadProfile();
        reader.Finish();
        return (wish, errors);
    }

    private static ProblemHttpResult NameTaken() => Answers.Taken("$.name", "The tenant has a profile of this name: choose another.");

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such profile of its own. /v1/profiles lists the shipped ones.");
}
