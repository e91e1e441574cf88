using CloudPbx.Api.Refresh;
using CloudPbx.Api.Resellers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;
using CloudPbx.State.SharedTrunks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Platform;

/// <summary>How shared trunks stand over all their tenants, for their owners: sums of what the workers tell, which name no tenant.</summary>
internal static class SharedTrunkStatusEndpoints
{
    /// <summary>Maps the status of the shared trunks of the place that a group is about.</summary>
    /// <param name="group">The group: the platform, or a reseller.</param>
    /// <param name="place">What the operations' names have in them, and the tag.</param>
    public static void MapSharedTrunkStatus(this RouteGroupBuilder group, string place)
    {
        RouteGroupBuilder trunks = group.MapGroup("").WithTags(place == "Reseller" ? "Resellers" : place);
        trunks.MapGet("/trunks/{trunk}/status", GetAsync).WithName($"Get{place}TrunkStatus").WithSummary("Says how a shared trunk stands now: its lines' registrations, and its calls over all tenants that use it.");
        trunks.MapPost("/trunks/{trunk}/check", CheckAsync).WithName($"Check{place}Trunk")
            .WithSummary("Tries a shared trunk against its carrier: names, connections, registration, OPTIONS and, where a number is given, one test call to it. One that is known by address is tried from a tenant that has it. Takes up to half a minute.")
            .WithMetadata(TrunkStatusEndpoints.NumberOfCheck);
        trunks.MapGet("/trunks-status", ListAsync).WithName($"List{place}TrunkStatus").WithSummary("Says how all shared trunks stand now.");
    }

    internal static async Task<Results<Ok<Page<SharedTrunkStatusDto>>, ProblemHttpResult>> ListAsync(
        ResellerOfRequest owner, GlobalTrunkStore store, SharedTrunkStore live, CancellationToken cancel) =>
        await live.ListAsync(cancel) is { } reports
            ? TypedResults.Ok(new Page<SharedTrunkStatusDto>([.. (await store.ListAsync(owner.Id, cancel)).Select(trunk => ToDto(trunk, reports))], null))
            : Away();

    internal static async Task<Results<Ok<SharedTrunkStatusDto>, ProblemHttpResult>> GetAsync(
        string trunk, ResellerOfRequest owner, GlobalTrunkStore store, SharedTrunkStore live, CancellationToken cancel)
    {
        if (await store.FindAsync(owner.Id, trunk, cancel) is not { } row)
            return Answers.NotFound("There is no such shared trunk.");
        return await live.ListAsync(cancel) is { } reports ? TypedResults.Ok(ToDto(row, reports)) : Away();
    }

    internal static async Task<Results<Ok<TrunkCheckDto>, ProblemHttpResult>> CheckAsync(
        string trunk, HttpRequest request, ResellerOfRequest owner, GlobalTrunkStore store, ITenantDoor door, CancellationToken cancel)
    {
        if (!TrunkStatusEndpoints.TryReadNumber(request, out string? number, out ProblemHttpResult? problem))
            return problem;
        if (await store.FindAsync(owner.Id, trunk, cancel) is not { } row)
            return Answers.NotFound("There is no such shared trunk.");
        // Its lines are its keeper's; by address each tenant calls for itself.
        TenantId? where = row.Kind == TrunkKind.Registered ? row.Keeper : (await store.TenantsOfAsync(row.Id, cancel)) is [{ } first, ..] ? first : null;
        return where is { } runtime
            ? await TrunkStatusEndpoints.AskAsync(door, runtime, row.Name, number, cancel)
            : Answers.Conflict("The trunk is known by address, so it is tried from a tenant that has it, and none has it yet.");
    }

    private static SharedTrunkStatusDto ToDto(GlobalTrunk trunk, IReadOnlyList<SharedTrunkReport> reports)
    {
        SharedTrunkUse[] uses = [.. reports.SelectMany(report => report.Trunks).Where(use => use.Trunk == trunk.Id)];
        SharedTrunkUse? failed = uses.Where(use => use.FailedAt is not null).MaxBy(use => use.FailedAt);
        SharedTrunkUse? call = uses.Where(use => use.CallFailedAt is not null).MaxBy(use => use.CallFailedAt);
        int up = uses.Sum(use => use.Up), down = uses.Sum(use => use.Down);
        return new SharedTrunkStatusDto
        {
            Name = trunk.Name,
            Kind = trunk.Kind,
            Lines = LinesOf(trunk, reports.SelectMany(report => report.Kept).Where(lines => lines.Trunk == trunk.Id).MaxBy(lines => lines.Epoch)),
            Enabled = trunk.Enabled,
            Calls = uses.Sum(use => use.Channels),
            MaxChannels = trunk.Details.MaxChannels,
            Tenants = uses.Sum(use => use.Tenants),
            Reach = !trunk.Enabled || !trunk.Details.ToProfile().OptionsKeepAlive ? TrunkReach.Off : up > 0 ? TrunkReach.Up : down > 0 ? TrunkReach.Down : TrunkReach.Unknown,
            TenantsDown = down,
            LastFailure = ToDto(failed?.FailedAt, failed?.FailureStatus, failed?.FailureReason),
            LastCallFailure = ToDto(call?.CallFailedAt, call?.CallFailureStatus, call?.CallFailureReason),
            CallsAgainSince = call?.CallsAgainSince,
        };
    }

    // By the accounts as they are to be: one that nobody has told of yet is not registered.
    private static List<TrunkLineDto> LinesOf(GlobalTrunk trunk, SharedTrunkLines? told) => trunk is not { Enabled: true, Kind: TrunkKind.Registered } ? [] :
    [
        .. trunk.Details.Accounts.Select(account =>
        {
            SharedTrunkLine? line = told?.Lines.FirstOrDefault(one => one.Account == account.User);
            return new TrunkLineDto
            {
                Account = account.User,
                RegisteredSince = line?.RegisteredSince,
                ExpiresAt = line?.ExpiresAt,
                LastFailure = ToDto(line?.FailedAt, line?.FailureStatus, line?.FailureReason),
            };
        }),
    ];

    private static TrunkFailureDto? ToDto(DateTime? at, int? status, string? reason) =>
        at is { } when ? new TrunkFailureDto(when, status == 0 ? null : status, StrangersText.WithoutControls(reason) ?? "") : null;

    private static ProblemHttpResult Away() => Answers.LiveStateAway("Redis, which knows how the trunks stand, does not answer. Try again in a few seconds.");
}
