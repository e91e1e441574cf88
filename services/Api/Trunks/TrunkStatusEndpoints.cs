using System.Diagnostics.CodeAnalysis;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>How trunks stand now: registrations and calls, as the tenant's runtime has them.</summary>
internal static class TrunkStatusEndpoints
{
    /// <summary>The parameter of a check.</summary>
    internal static QueryParameter NumberOfCheck { get; } = new("number", "The number of a test call, in the carrier's form; it may cost money. Absent: none is made.");

    public static void MapTrunkStatus(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("").WithTags("Trunks");
        group.MapGet("/trunks/{trunk}/status", GetAsync).WithName("GetTrunkStatus").WithSummary("Says how the trunk stands now: its lines' registrations, its calls.");
        group.MapPost("/trunks/{trunk}/check", CheckAsync).WithName("CheckTrunk")
            .WithSummary("Tries the trunk against its carrier: names, connections, registration, OPTIONS and, where a number is given, one test call to it. Takes up to half a minute.")
            .WithMetadata(NumberOfCheck);
        // Beside the trunks and not below them: there may be a trunk whose name is "status".
        group.MapGet("/trunks-status", ListAsync).WithName("ListTrunkStatus").WithSummary("Says how all trunks stand now.");
    }

    internal static async Task<Results<Ok<Page<TrunkStatusDto>>, ProblemHttpResult>> ListAsync(TenantContext tenant, ITenantDoor door, CancellationToken cancel) =>
        await door.TrunksAsync(tenant.TenantId, cancel) is { } trunks
            ? TypedResults.Ok(new Page<TrunkStatusDto>([.. trunks.Select(ToDto)], null))
            : Away();

    internal static async Task<Results<Ok<TrunkStatusDto>, ProblemHttpResult>> GetAsync(
        string trunk, TenantContext tenant, PbxDbContext db, ITenantDoor door, CancellationToken cancel)
    {
        if (!await db.Trunks.AnyAsync(t => t.Name == trunk, cancel))
            return Answers.NotFound("This tenant has no such trunk.");
        if (await door.TrunksAsync(tenant.TenantId, cancel) is not { } trunks)
            return Away();
        return trunks.FirstOrDefault(status => status.Name == trunk) is { } found
            ? TypedResults.Ok(ToDto(found))
            : Answers.NotFound("The tenant's worker does not know the trunk yet. Try again in a moment.");
    }

    internal static async Task<Results<Ok<TrunkCheckDto>, ProblemHttpResult>> CheckAsync(
        string trunk, HttpRequest request, TenantContext tenant, PbxDbContext db, ITenantDoor door, CancellationToken cancel)
    {
        if (!TryReadNumber(request, out string? number, out ProblemHttpResult? problem))
            return problem;
        if (!await db.Trunks.AnyAsync(t => t.Name == trunk, cancel))
            return Answers.NotFound("This tenant has no such trunk.");
        return await AskAsync(door, tenant.TenantId, trunk, number, cancel);
    }

    /// <summary>Has a trunk tried where somebody calls by it, or keeps its lines.</summary>
    /// <param name="door">The runtimes.</param>
    /// <param name="where">Whose runtime.</param>
    /// <param name="trunk">The trunk's name there.</param>
    /// <param name="number">The number of a test call; null for none.</param>
    /// <param name="cancel">Stops the wait.</param>
    internal static async Task<Results<Ok<TrunkCheckDto>, ProblemHttpResult>> AskAsync(ITenantDoor door, TenantId where, string trunk, string? number, CancellationToken cancel) =>
        await door.CheckTrunkAsync(where, trunk, number, cancel) switch
        {
            { Answer: { } answer } => TypedResults.Ok(ToDto(answer)),
            { } => Answers.NotFound("The tenant's worker does not know the trunk yet. Try again in a moment."),
            null => Away(),
        };

    /// <summary>Reads the number of a test call.</summary>
    /// <param name="request">The request.</param>
    /// <param name="number">The number; null where none is to be made.</param>
    /// <param name="problem">What is wrong with it, where the result is false.</param>
    internal static bool TryReadNumber(HttpRequest request, out string? number, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        number = request.Query["number"].ToString() is { Length: > 0 } given ? given : null;
        problem = number is not null && TrunkRules.TestNumber(number) is { } fault ? Answers.Invalid(new Dictionary<string, string[]> { ["number"] = [fault] }) : null;
        return problem is null;
    }

    private static TrunkCheckDto ToDto(TrunkCheckAnswer answer) => new(
        [.. answer.Steps.Select(step => new TrunkCheckStepDto(step.Step, step.Outcome, StrangersText.WithoutControls(step.Text)!))],
        [.. answer.Suggestions.Select(s => new TrunkCheckSuggestionDto(s.Setting, s.Value, StrangersText.WithoutControls(s.Reason)!))]);

    private static ProblemHttpResult Away() => Answers.LiveStateAway("The tenant's worker does not answer. Try again in a few seconds.");

    private static TrunkStatusDto ToDto(TrunkStatus status) => new()
    {
        Name = status.Name,
        Kind = status.Kind,
        Enabled = status.Enabled,
        Calls = status.Calls,
        MaxChannels = status.MaxChannels,
        Lines = [.. status.Lines.Select(ToDto)],
        Reach = status.Reach,
        ReachSince = status.ReachSince,
        OptionsStatus = status.OptionsStatus,
        OptionsReason = StrangersText.WithoutControls(status.OptionsReason),
        Rel100Learned = StrangersText.WithoutControls(status.Rel100Learned),
        WithoutTcp = status.WithoutTcp,
        TcpAgainAt = status.TcpAgainAt,
        LastCallFailure = ToDto(status.CallFailure),
        CallsAgainSince = status.CallsAgainSince,
    };

    private static TrunkLineDto ToDto(TrunkStatusLine line) => new()
    {
        Account = line.Account,
        RegisteredSince = line.RegisteredSince,
        ExpiresAt = line.ExpiresAt,
        LastFailure = ToDto(line.LastFailure),
    };

    private static TrunkFailureDto? ToDto(TrunkStatusFailure? failure) =>
        failure is null ? null : new TrunkFailureDto(failure.At, failure.Status == 0 ? null : failure.Status, StrangersText.WithoutControls(failure.Reason)!);
}
