using CloudPbx.Api.Bodies;
using CloudPbx.Api.Resellers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Platform;

/// <summary>Shared trunks, by name: the platform's, which are the operator's, and a reseller's, which serve its tenants alone.</summary>
internal static class PlatformTrunkEndpoints
{
    /// <summary>Maps the shared trunks of the place that a group is about.</summary>
    /// <param name="group">The group: the platform, or a reseller.</param>
    /// <param name="place">What the operations' names have in them, and the tag.</param>
    public static void MapSharedTrunks(this RouteGroupBuilder group, string place)
    {
        RouteGroupBuilder trunks = group.MapGroup("/trunks").WithTags(place == "Reseller" ? "Resellers" : place);
        trunks.MapGet("/", ListAsync).WithName($"List{place}Trunks");
        trunks.MapGet("/{trunk}", GetAsync).WithName($"Get{place}Trunk");
        trunks.MapPost("/", CreateAsync).WithName($"Create{place}Trunk").Takes<PlatformTrunkDocument>();
        trunks.MapPut("/{trunk}", ChangeAsync).WithName($"Change{place}Trunk").Takes<PlatformTrunkDocument>();
        trunks.MapDelete("/{trunk}", DeleteAsync).WithName($"Delete{place}Trunk");
    }

    internal static async Task<Ok<Page<TrunkDto>>> ListAsync(ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<TrunkDto>([.. (await store.ListAsync(owner.Id, cancel)).Select(ToDto)], null));

    internal static async Task<Results<Ok<TrunkDto>, ProblemHttpResult>> GetAsync(string trunk, HttpContext http, ResellerOfRequest owner, GlobalTrunkStore store, CancellationToken cancel)
    {
        if (await store.FindAsync(owner.Id, trunk, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(ToDto(row));
    }

    internal static async Task<Results<CreatedAtRoute<TrunkDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, ResellerOfRequest owner, GlobalTrunkStore store, SourceConflicts conflicts, PlatformTrunkDistribution distribution, PlatformSeal seal, CancellationToken cancel)
    {
        GlobalTrunk row = new() { Id = TrunkId.New(), ResellerId = owner.Id, Name = "", Enabled = true, Details = new TrunkDetails { Server = new TrunkServer("") }, Sources = [] };
        if (await SaveAsync(row, body, store, conflicts, distribution, seal, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return row.ResellerId is { } reseller
            ? TypedResults.CreatedAtRoute(ToDto(row), "GetResellerTrunk", new { reseller = $"{reseller}", trunk = row.Name })
            : TypedResults.CreatedAtRoute(ToDto(row), "GetPlatformTrunk", new { trunk = row.Name });
    }

    internal static async Task<Results<Ok<TrunkDto>, ProblemHttpResult>> ChangeAsync(
        string trunk, HttpContext http, JsonBody body, ResellerOfRequest owner, GlobalTrunkStore store, SourceConflicts conflicts, PlatformTrunkDistribution distribution, PlatformSeal seal, CancellationToken cancel)
    {
        if (await store.FindAsync(owner.Id, trunk, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (await SaveAsync(row, body, store, conflicts, distribution, seal, cancel) is { } problem)
            return problem;
        EntityTags.Write(http, row);
        return TypedResults.Ok(ToDto(row));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string trunk, HttpContext http, ResellerOfRequest owner, GlobalTrunkStore store, PlatformTrunkDistribution distribution, CancellationToken cancel)
    {
        if (await store.FindAsync(owner.Id, trunk, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if ((await store.TenantsOfAsync(row.Id, cancel)).Count is > 0 and int tenants)
            return Answers.InUse($"{tenants} tenants use the trunk, by its numbers or in a route. Take it from them first.");
        SaveOutcome outcome = await store.RemoveAsync(row.Id, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.MissingReference ? Answers.InUse("The inventory has numbers of this trunk. Remove them first.") : Answers.Refused(outcome);
        await distribution.DismissKeeperAsync(row);
        return TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> SaveAsync(
        GlobalTrunk row, JsonBody body, GlobalTrunkStore store, SourceConflicts conflicts, PlatformTrunkDistribution distribution, PlatformSeal seal, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        PlatformTrunkDocument wish = reader.ReadPlatformTrunk();
        reader.Finish();
        wish.Accounts.CheckPasswords(row.Details, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        TrunkKind before = row.Kind;
        (row.Name, row.Kind, row.Enabled, row.Details, row.Sources) = (wish.Name, wish.Kind ?? TrunkKind.Ip, wish.Enabled ?? true, wish.ToDetails(row, TrunkSecrets.Of(seal)), wish.Sources);
        List<(Trunk Trunk, IReadOnlyList<string> Sources)> others =
            [.. (await store.ListAsync(row.ResellerId, cancel)).Where(t => t.Id != row.Id).Append(row).Select(t => (AsTrunk(t), t.Sources))];
        foreach (SourceConflict conflict in (await conflicts.FindAsync(default, others, cancel, row.Id)).Where(conflict => conflict.Trunk == row.Name))
            errors.Add($"$.sources[{Math.Max(0, wish.Sources.ToList().IndexOf(conflict.Network))}]", conflict.Reason);
        if (errors.Any)
            return Answers.Taken(errors.ToDictionary());
        SaveOutcome outcome = await store.SaveAsync(row, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.name", "There is a shared trunk of this name: choose another.") : Answers.Refused(outcome);
        await distribution.SpreadAsync(row, cancel);
        if (row.Kind == TrunkKind.Registered)
            await distribution.TellKeeperAsync(row);
        else if (before == TrunkKind.Registered)
            await distribution.DismissKeeperAsync(row);
        return null;
    }

    private static Trunk AsTrunk(GlobalTrunk row) => new() { Id = row.Id, TenantId = default, GlobalTrunkId = row.Id, OfReseller = row.ResellerId is not null, Name = row.Name, Kind = row.Kind, Enabled = row.Enabled, Details = row.Details };

    private static TrunkDto ToDto(GlobalTrunk row) => AsTrunk(row).ToDto(row.Sources);

    private static ProblemHttpResult Missing() => Answers.NotFound("There is no such shared trunk.");
}
