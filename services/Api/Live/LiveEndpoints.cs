using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;

namespace CloudPbx.Api.Live;

/// <summary>What happens now, as it happens: server-sent events (WHATWG HTML §9.2).</summary>
internal static class LiveEndpoints
{
    // Proxies end connections on which nothing comes; many after a minute, some after half of that.
    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(15);

    private const string Ping = "ping", Offline = "offline";

    private static readonly SseItem<object> s_pinged = new(new { }, Ping);

    public static void MapLive(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/live", Watch).For(UserRole.User).WithName("WatchLive").WithTags("Live")
            .Produces<LiveSnapshotDto>(StatusCodes.Status200OK, "text/event-stream").ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Extensions and calls as they stand and as they change, by server-sent events.")
            .WithDescription(
                "The first event that tells something is `snapshot` (LiveSnapshotDto); then `extension` (LiveExtensionDto), `call` (LiveCallDto) and `callEnded` (EndedCallDto) tell what is new or otherwise. "
                + "A later `snapshot` replaces everything: something may have been missed. `ping` keeps the connection open. A user is told of their own extension and its calls.")
            .WithMetadata(new QueryParameter(Offline, "false leaves extensions that are offline out of the snapshot: of thousands most are. Who goes offline later is told all the same."));

    internal static IResult Watch(HttpRequest request, TenantContext tenant, Caller caller, LiveFeeds feeds, TokenStatus tokens, IDatabaseFaults faults, TimeProvider time, CancellationToken cancel)
    {
        string offline = request.Query[Offline].ToString();
        if (offline is not ("" or "true" or "false"))
        {
            RequestErrors errors = new();
            errors.Add(Offline, "Must be true or false.");
            return Answers.Invalid(errors.ToDictionary());
        }
        return TypedResults.ServerSentEvents(
            EventsAsync(feeds, tenant.TenantId, caller.OwnNumber is { } own ? new OwnEvents(own) : null, offline == "false", () => IsGoodAsync(caller, tokens, faults, cancel), time, cancel));
    }

    private static async IAsyncEnumerable<SseItem<object>> EventsAsync(
        LiveFeeds feeds, TenantId tenant, OwnEvents? own, bool online, Func<ValueTask<bool>> good, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        using LiveReader reader = feeds.Watch(tenant);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(feeds.Stopping, cancel);
        yield return s_pinged;                                    // the client learns at once that it is heard, whoever else is away
        while (await NextAsync(reader, time, over.Token) is { } next)
        {
            if (next.Type == Ping)
            {
                if (!await good())
                    yield break;                                  // the sign-in was ended meanwhile
                yield return s_pinged;
            }
            else if ((own is null ? next : own.Of(next)) is { } told)
                yield return new SseItem<object>(online && told.Data is LiveSnapshotDto snapshot ? OnlineOf(snapshot) : told.Data, told.Type);
        }
    }

    private static LiveSnapshotDto OnlineOf(LiveSnapshotDto snapshot) =>
        snapshot with { Extensions = [.. snapshot.Extensions.Where(extension => extension.State != ExtensionState.Offline || extension.Phones.Count > 0)] };

    /// <summary>Whether the stream's token was not revoked; a database that is away ends nothing.</summary>
    private static async ValueTask<bool> IsGoodAsync(Caller caller, TokenStatus tokens, IDatabaseFaults faults, CancellationToken cancel)
    {
        try
        {
            return caller.TokenId is not { } token || await tokens.IsValidAsync(token, cancel);
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return true;
        }
    }

    /// <summary>The next event, a ping after a while; null at the end.</summary>
    private static async Task<LiveEvent?> NextAsync(LiveReader reader, TimeProvider time, CancellationToken over)
    {
        using var pause = new CancellationTokenSource(s_ping, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, over);
        try
        {
            return await reader.Events.WaitToReadAsync(either.Token) && reader.Events.TryRead(out LiveEvent? next) ? next : null;
        }
        catch (OperationCanceledException)
        {
            return over.IsCancellationRequested ? null : new LiveEvent(Ping, "");
        }
    }
}
