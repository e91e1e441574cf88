using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>The dry run: what a call would do. The tenant's runtime answers by the code that routes calls.</summary>
internal static class RoutingEndpoints
{
    private const int MostCharacters = 64;

    public static void MapRouting(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/routing").WithTags("Routing");
        group.MapGet("/", TryAsync).WithName("TryRoute").WithSummary("Says what a call would do, step by step with the rule that decided each, and calls nobody.").WithMetadata(
            new QueryParameter("from", "The calling extension, or the number of a caller from outside as the carrier writes it."),
            new QueryParameter("to", "What is dialled, or the called number as the carrier writes it."),
            new QueryParameter("trunk", "The trunk that the call comes by. Absent: from an extension none, from outside the one of the called number, or the only one."));
    }

    internal static async Task<Results<Ok<RoutingDto>, ProblemHttpResult>> TryAsync(
        HttpRequest request, TenantContext tenant, PbxDbContext db, ITenantDoor door, CancellationToken cancel)
    {
        (string from, string to, string? trunk) = (request.Query["from"].ToString(), request.Query["to"].ToString(), request.Query["trunk"].ToString());
        RequestErrors errors = new();
        if (to.Length is 0 or > MostCharacters)
            errors.Add("to", $"Must be what is called, 1 to {MostCharacters} characters.");
        if (from.Length > MostCharacters)
            errors.Add("from", $"Must be at most {MostCharacters} characters.");
        if (trunk.Length > 0)
        {
            if (!await db.Trunks.AnyAsync(t => t.Name == trunk, cancel))
                errors.Add("trunk", "The tenant has no such trunk.");
        }
        else
        {
            trunk = await db.Extensions.AnyAsync(e => e.Number == from, cancel) ? null : await FindTrunkAsync(db, to, errors, cancel);
        }
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return await door.TryRouteAsync(tenant.TenantId, from, to, trunk, cancel) switch
        {
            { Answer: { } answer } => TypedResults.Ok(ToDto(answer)),
            { } => Answers.NotFound("The tenant's worker does not know the trunk yet. Try again in a moment."),
            null => Answers.LiveStateAway("The tenant's worker does not answer. Try again in a few seconds."),
        };
    }

    // A caller who is no extension is outside. By which trunk it comes, the called number says, or there is but one.
    private static async Task<string?> FindTrunkAsync(PbxDbContext db, string to, RequestErrors errors, CancellationToken cancel)
    {
        TrunkId? listed = await db.PhoneNumbers.Where(n => n.Number == to).Select(n => n.TrunkId).SingleOrDefaultAsync(cancel);
        List<string> names = listed is { } id
            ? await db.Trunks.Where(t => t.Id == id).Select(t => t.Name).ToListAsync(cancel)
            : await db.Trunks.OrderBy(t => t.Name).Select(t => t.Name).Take(20).ToListAsync(cancel);
        if (names.Count == 1)
            return names[0];
        errors.Add("from", names.Count == 0
            ? "Is no extension of the tenant, and the tenant has no trunk that a caller from outside could come by."
            : $"Is no extension of the tenant. For a caller from outside say by which trunk it comes: {string.Join(", ", names)}.");
        return null;
    }

    private static RoutingDto ToDto(RouteAnswer answer) => new()
    {
        Steps = [.. answer.Steps.Select(step => new RoutingStepDto(step.Rule, step.Value))],
        Status = answer.Status == 0 ? null : answer.Status,
        Extension = answer.Extension,
        Conference = answer.Conference,
        Trunks = [.. answer.Trunks.Select(trunk => new RoutingTrunkDto(trunk.Name, trunk.CalledNumber, trunk.CallerNumber))],
        FailoverOn = answer.FailoverOn,
        Emergency = answer.Emergency,
        CallerNumber = answer.CallerNumber,
    };
}
