using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Access;

/// <summary>Where the token's person is signed in. Nobody sees or ends another's sessions here, whatever their role.</summary>
internal static class SessionEndpoints
{
    public static void MapMySessions(this RouteGroupBuilder me)
    {
        me.MapGet("/sessions", ListAsync).WithName("ListMySessions").WithSummary("Where the person whose token it is is signed in, the last used first.");
        me.MapDelete("/sessions/{session}", EndAsync).WithName("EndMySession").WithSummary("Ends one sign-in: its browser must sign in anew, and its tokens are good no more.");
        me.MapDelete("/sessions", EndOthersAsync).WithName("EndMyOtherSessions").WithSummary("Ends all sign-ins but the one that this token came from.");
    }

    internal static async Task<Results<Ok<Page<SessionDto>>, ProblemHttpResult>> ListAsync(Caller caller, SessionStore sessions, TimeProvider time, CancellationToken cancel)
    {
        if (caller.UserId is not { } user)
            return MeEndpoints.OfPeople();
        IReadOnlyList<GlobalSession> found = await sessions.ListAsync(user, time.GetUtcNow().UtcDateTime, cancel);
        return TypedResults.Ok(new Page<SessionDto>([.. found.Select(s => ToDto(s, caller))], null));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(string session, Caller caller, SignOuts signOuts, CancellationToken cancel)
    {
        if (caller.UserId is not { } user)
            return MeEndpoints.OfPeople();
        if (!SessionId.TryParse(session, out SessionId id) || !await signOuts.EndAsync(user, id, cancel))
            return Answers.NotFound("You have no such sign-in: it has ended, or is somebody else's.");
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> EndOthersAsync(Caller caller, SignOuts signOuts, CancellationToken cancel)
    {
        if (caller.UserId is not { } user)
            return MeEndpoints.OfPeople();
        await signOuts.EndOthersAsync(user, caller.SessionId, cancel);
        return TypedResults.NoContent();
    }

    private static SessionDto ToDto(GlobalSession session, Caller caller) => new()
    {
        Id = session.Id, Method = session.Method, Address = session.Address, UserAgent = session.UserAgent, StartedAt = session.StartedAt, LastUsedAt = session.LastUsedAt,
        Current = session.Id == caller.SessionId,
    };
}
