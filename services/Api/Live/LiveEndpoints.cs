using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CloudPbx.Api.Access;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;

namespace CloudPbx.Api.Live;

/// <summary>What happens now, as it happens: server-sent events (WHATWG HTML §9.2).</summary>
internal static class LiveEndpoints
{
    // Proxies end connections on which nothing comes; many after a minute, some after half of that.
    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(15);

    private const string Ping = "ping";

    private static readonly SseItem<object> s_pinged = new(new { }, Ping);

    public static void MapLive(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/live", Watch).For(UserRole.User).WithName("WatchLive").WithTags("Live")
            .Produces<LiveSnapshotDto>(StatusCodes.Status200OK, "text/event-stream")
            .WithSummary("Extensions and calls as they stand and as they change, by server-sent events.")
            .WithDescription(
                "The first event that tells something is `snapshot` (LiveSnapshotDto); then `extension` (LiveExtensionDto), `call` (LiveCallDto) and `callEnded` (EndedCallDto) tell what is new or otherwise. "
                + "A later `snapshot` replaces everything: something may have been missed. `ping` keeps the connection open. A user is told of their own extension and its calls.");

    internal static IResult Watch(TenantContext tenant, Caller caller, LiveFeeds feeds, TokenStatus tokens, IDatabaseFaults faults, TimeProvider time, CancellationToken cancel) =>
        TypedResults.ServerSentEvents(EventsAsync(feeds, tenant.TenantId, caller.OwnNumber is { } own ? new OwnEvents(own) : null, () => IsGoodAsync(caller, tokens, faults, cancel), time, cancel));

    private static async IAsyncEnumerable<SseItem<object>> EventsAsync(
        LiveFeeds feeds, TenantId tenant, OwnEvents? own, Func<ValueTask<bool>> good, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
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
                yield return new SseItem<object>(told.Data, told.Type);
        }
    }

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
