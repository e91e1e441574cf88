using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.State.Bans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Bans;

/// <summary>Who is banned for guessing passwords: the platform's, since a source may have tried the accounts of several tenants.</summary>
internal static class BanEndpoints
{
    public static void MapBans(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/bans").WithTags("Bans");
        group.MapGet("/", ListAsync).WithName("ListBans").WithSummary("Lists the bans in force, in the order of their ends.");
        group.MapDelete("/", LiftAsync).WithName("LiftBans").WithSummary("Lifts the bans of a source, and forgets how often it was banned.").WithMetadata(
        [
            new QueryParameter("source", "Whose: an address, or an IPv6 network of 64 bits."),
            new QueryParameter("account", "Only those of this user name; absent: the source's own ban and those of all its accounts."),
        ]);
    }

    internal static async Task<Results<Ok<Page<BanDto>>, ProblemHttpResult>> ListAsync(BanStore bans, CancellationToken cancel) =>
        await bans.ListAsync(cancel) is { } list
            ? TypedResults.Ok(new Page<BanDto>([.. list.Select(ToDto)], null))
            : Answers.LiveStateAway("The bans cannot be read now; they stay in force. Try again in a few seconds.");

    internal static async Task<Results<Ok<LiftedBans>, ProblemHttpResult>> LiftAsync(HttpRequest request, BanStore bans, CancellationToken cancel)
    {
        RequestErrors errors = new();
        string? account = request.Query["account"] is [{ Length: > 0 } name] ? name : null;
        if (!BanSource.TryParse(request.Query["source"], out BanSource source))
            errors.Add("source", "Must be an IP address, or an IPv6 network like 2001:db8:0:1::/64.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return await bans.LiftAsync(source, account, cancel) switch
        {
            null => Answers.LiveStateAway("The bans cannot be changed now. Try again in a few seconds."),
            0 => Answers.NotFound("There is no such ban."),
            int lifted => TypedResults.Ok(new LiftedBans(lifted)),
        };
    }

    private static BanDto ToDto(Ban ban) => new()
    {
        Source = ban.Subject.Source.ToString(),
        Tenant = ban.Subject.Tenant,
        Account = StrangersText.WithoutControls(ban.Subject.Account),
        Since = ban.Since,
        Until = ban.Until,
        Strikes = ban.Strikes,
    };
}
