using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary><see cref="IMediaNode"/> over all nodes, for one epoch: sends each command to the node of its session.</summary>
internal sealed class FleetDoor(MediaFleet fleet, long epoch) : IMediaNode
{
    private static readonly LegDescription s_away = LegDescription.Refused(LegFaults.NodeUnavailable);

    public Task<AttachOutcome> AttachAsync(CallId session, CancellationToken cancel) => fleet.AttachAsync(session, epoch, cancel);

    public Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, CancellationToken cancel) => fleet.MoveAsync(session, conference, epoch, cancel);

    public Task<bool> RestoreAsync(LegId leg, LegPolicy policy, string state, CancellationToken cancel) =>
        AskAsync(leg, node => node.RestoreAsync(leg, policy, state, cancel), false, cancel);

    public Task<LegDescription> OfferAsync(LegId leg, LegPolicy policy, LegId? like, CancellationToken cancel) =>
        MakeAsync(leg, policy, tells: true, node => node.OfferAsync(leg, policy, like, cancel));

    public Task<LegDescription> ReceiveOfferAsync(LegId leg, LegPolicy policy, string remoteSdp, CancellationToken cancel) =>
        MakeAsync(leg, policy, tells: false, node => node.ReceiveOfferAsync(leg, policy, remoteSdp, cancel));

    public Task<LegDescription> AnswerAsync(LegId leg, LegId? like, CancellationToken cancel) => AskAsync(
        leg,
        node =>
        {
            fleet.Told(leg);
            return node.AnswerAsync(leg, like, cancel);
        },
        s_away,
        cancel);

    public Task<LegDescription> ReceiveAnswerAsync(LegId leg, string remoteSdp, CancellationToken cancel) =>
        AskAsync(leg, node => node.ReceiveAnswerAsync(leg, remoteSdp, cancel), s_away, cancel);

    public Task BridgeAsync(LegId a, LegId b, CancellationToken cancel) => DoAsync(a, node => node.BridgeAsync(a, b, cancel), cancel);

    public Task BridgeEarlyAsync(LegId caller, LegId callee, CancellationToken cancel) => DoAsync(caller, node => node.BridgeEarlyAsync(caller, callee, cancel), cancel);

    public Task UnbridgeAsync(LegId a, CancellationToken cancel) => DoAsync(a, node => node.UnbridgeAsync(a, cancel), cancel);

    public Task EchoAsync(LegId leg, CancellationToken cancel) => DoAsync(leg, node => node.EchoAsync(leg, cancel), cancel);

    public Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel) => DoAsync(leg, node => node.PlayAsync(leg, tone, cancel), cancel);

    public Task StopAsync(LegId leg, CancellationToken cancel) => DoAsync(leg, node => node.StopAsync(leg, cancel), cancel);

    public Task<bool> PromptAsync(LegId leg, PromptRequest prompt, CancellationToken cancel) =>
        AskAsync(leg, node => node.PromptAsync(leg, prompt, cancel), false, cancel);

    public Task SendDigitsAsync(LegId leg, string digits, CancellationToken cancel) => DoAsync(leg, node => node.SendDigitsAsync(leg, digits, cancel), cancel);

    public async Task<bool> PlaceAsync(CallId session, ConferenceId conference, CancellationToken cancel)
    {
        await fleet.SettledAsync(session);
        if (fleet.Find(session) is not null)
            return fleet.IsBeside(session, conference);
        fleet.PlaceBeside(session, conference);
        return true;
    }

    public async Task PlaceBesideAsync(CallId session, CallId other, CancellationToken cancel)
    {
        await fleet.SettledAsync(other);
        if (fleet.Find(other) is null)
            await fleet.AttachAsync(other, epoch, cancel);        // another owner began it
        fleet.PlaceBeside(session, other);
    }

    // After a takeover the parties tell where the conference is.
    public Task<bool> JoinAsync(LegId leg, ConferencePlace place, CancellationToken cancel) =>
        AskAsync(leg, node => fleet.IsBeside(leg.Session, place.Conference) ? node.JoinAsync(leg, place, cancel) : Task.FromResult(false), false, cancel);

    public Task<string?> SuperviseAsync(LegId leg, LegId party, SupervisionMode mode, CancellationToken cancel) =>
        AskAsync(leg, node => node.SuperviseAsync(leg, party, mode, cancel), LegFaults.NodeUnavailable, cancel);

    public Task<string?> RecordAsync(RecordingRequest request, CancellationToken cancel) =>
        AskAsync(new LegId(request.Session, request.Left), node => node.RecordAsync(request, cancel), LegFaults.NodeUnavailable, cancel);

    public async Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel) =>
        fleet.Find(session) is { } node ? await node.Link.ForEpoch(epoch).EndRecordingAsync(session, recording, cancel) : RecordingFigures.None;

    public async Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel)
    {
        LegStatistics figures = await AskAsync(leg, node => node.RemoveAsync(leg, cancel), LegStatistics.None, cancel);
        fleet.Removed(leg);
        return figures;
    }

    /// <summary>Makes a leg on its session's node; one of a call for help on another one where that cannot.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="tells">Whether what is made is for the peer to see, so that the leg stays on its node.</param>
    /// <param name="make">What makes it on a node.</param>
    private async Task<LegDescription> MakeAsync(LegId leg, LegPolicy policy, bool tells, Func<IMediaNode, Task<LegDescription>> make)
    {
        await fleet.SettledAsync(leg.Session);
        bool mayGo = policy.ForHelp && fleet.IsUntold(leg);
        MediaFleet.Node? node = fleet.FindOrChoose(leg.Session, policy.ForHelp);
        LegDescription description = LegDescription.Refused(LegFaults.NodeUnavailable);
        List<MediaFleet.Node> tried = node is null ? [] : [node];
        while (node is not null)
        {
            description = await make(node.Link.ForEpoch(epoch));
            if (!description.Unavailable)
            {
                fleet.Note(leg.Session, node, leg.Leg, policy.ForHelp && !tells ? make : null);
                if (tells)
                    fleet.Told(leg);
                return description;
            }
            // A node that could not make it may be full or gone: the call's next try may begin elsewhere. A call for help has no other try (SECURITY.md S36).
            fleet.Removed(leg);
            if (!mayGo)
                break;
            if (description.Fault is LegFaults.NodeUnavailable)
                _ = node.Link.ForEpoch(epoch).RemoveAsync(leg, CancellationToken.None);       // it may have been slow, and have made it
            node = await fleet.GoElsewhereAsync(leg.Session, epoch, tried);
        }
        return description;
    }

    private Task DoAsync(LegId leg, Func<IMediaNode, Task> act, CancellationToken cancel)
    {
        return Known(leg) is { } known ? act(known) : SearchAsync();

        async Task SearchAsync()
        {
            if (await FindAsync(leg, cancel) is { } found)
                await act(found);
        }
    }

    private Task<T> AskAsync<T>(LegId leg, Func<IMediaNode, Task<T>> ask, T away, CancellationToken cancel)
    {
        return Known(leg) is { } known ? ask(known) : SearchAsync();

        async Task<T> SearchAsync() => await FindAsync(leg, cancel) is { } found ? await ask(found) : away;
    }

    /// <summary>The node of a session, where nobody looks for it: as nearly always, and then there is nothing to wait for.</summary>
    private IMediaNode? Known(LegId leg)
    {
        if (fleet.IsAsking(leg.Session) || fleet.Find(leg.Session) is not { } node)
            return null;
        fleet.Note(leg.Session, node, leg.Leg);
        return node.Link.ForEpoch(epoch);
    }

    /// <summary>The node of a session, looked for where another owner began it.</summary>
    private async Task<IMediaNode?> FindAsync(LegId leg, CancellationToken cancel)
    {
        await fleet.SettledAsync(leg.Session);
        if (fleet.Find(leg.Session) is null)
            await fleet.AttachAsync(leg.Session, epoch, cancel);
        return Known(leg);
    }
}
