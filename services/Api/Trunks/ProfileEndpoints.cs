using CloudPbx.Api.Access;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Trunks;

/// <summary>The shipped profiles of carriers.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfiles(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/profiles").WithTags("Profiles").For(UserRole.User);
        group.MapGet("/", () => TypedResults.Ok(new Page<TrunkProfile>(TrunkProfiles.All, null))).WithName("ListProfiles").WithSummary("Lists the shipped profiles; a trunk names one and changes what is otherwise.");
        group.MapGet("/{profile}", Get).WithName("GetProfile");
    }

    internal static Results<Ok<TrunkProfile>, ProblemHttpResult> Get(string profile) =>
        TrunkProfiles.Find(profile) is { } found ? TypedResults.Ok(found) : Answers.NotFound("There is no such profile. /v1/profiles lists what there is.");
}
