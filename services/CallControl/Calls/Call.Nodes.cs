using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>How a call's media goes to another node, because its own drains or died: the legs are made there, and the phones are asked to send there.</summary>
internal sealed partial class Call
{
    private static readonly TimeSpan s_nodePatience = TimeSpan.FromSeconds(10);     // until a node is there again: one that was restarted
    private static readonly TimeSpan s_nodeRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_nextLeaving = TimeSpan.FromSeconds(30);      // after a phone has refused

    private bool _isMovingMedia;
    private DateTime _staysUntil;

    /// <summary>Whether both parties talk, so that they can be asked to send elsewhere. A supervisor's media is where those are whom it hears.</summary>
    private bool MayMoveMedia => _phase == CallPhase.Talking && !_isMovingMedia && _transfer is null && !_release.Task.IsCompleted && _collection is null && _supervision is null
        && _caller is { Dialog.IsEnded: false, HasMedia: true, HasMediaState: true } && _callee is null or { Dialog.IsEnded: false, HasMedia: true, HasMediaState: true };

    /// <summary>The media node wants to be rid of the call. Where it cannot go now, it is told again.</summary>
    public void LeaveNode()
    {
        if (MayMoveMedia && _negotiations == 0 && Now >= _staysUntil)
            _tenant.Scheduler.Start(() => MoveMediaAsync(isLost: false));
    }

    /// <summary>Has the media of who talks here go to a conference room's node, where that is another one: all who take part are on one.</summary>
    /// <returns>Whether it is there now; otherwise all talk as before.</returns>
    public async Task<bool> GoBesideAsync(ConfiguredConference room)
    {
        if (await IsBesideAsync(room))
            return true;
        // Who asked may have hung up already; then the one that stays is alone.
        CallLeg[] parties = [.. new[] { _caller, _callee }.OfType<CallLeg>().Where(leg => leg is { HasMedia: true, Dialog.IsEnded: false })];
        if (parties.Length == 0 || _isMovingMedia || _collection is not null || !Array.TrueForAll(parties, leg => leg.HasMediaState))
            return false;
        _isMovingMedia = true;
        _negotiations++;
        try
        {
            using MediaMove? move = await Media.MoveAsync(Id, room.Id, _over.Token);
            return move is not null && await MoveMediaAsync(move, parties, isLost: false) && await IsBesideAsync(room);
        }
        finally
        {
            _isMovingMedia = false;
            _negotiations--;
        }
    }

    /// <summary>The local answer of a leg; what another node would need is kept.</summary>
    private async Task<LegDescription> AnswerAsync(CallLeg leg, LegId? like, CancellationToken cancel) => Noted(leg, await Media.AnswerAsync(leg.Media, like, cancel));

    /// <summary>Gives the node a peer's answer; what another node would need is kept.</summary>
    private async Task<LegDescription> ReceiveAnswerAsync(CallLeg leg, string answer, CancellationToken cancel) => Noted(leg, await Media.ReceiveAnswerAsync(leg.Media, answer, cancel));

    private LegDescription Noted(CallLeg leg, LegDescription description)
    {
        if (description.Accepted && description.PassesMore != leg.PassesMore)
        {
            leg.PassesMore = description.PassesMore;
            Changed();
        }
        if (description.Accepted)
            (leg.IsWide, leg.IsOnlyPassed) = (description.IsWide, description.IsOnlyPassed);
        if (OutgrowsRecording && _phase == CallPhase.Talking && !_isMovingMedia && !_isOutgrowing)
            _tenant.Scheduler.Start(OutgrowAsync);
        if (description.State is { } state && state != leg.MediaState)
        {
            leg.MediaState = state;
            leg.SealedMediaState = Configuration.SealLeg(Id, leg.Number, state);
            Changed();
        }
        return description;
    }

    /// <summary>What another node needs to go on with a leg's media, or another call that the party goes to; null where nothing was agreed on, or the tenant was shredded meanwhile.</summary>
    public string? MediaStateOf(CallLeg leg) => leg.HasMediaState ? leg.MediaState ??= Configuration.OpenLeg(Id, leg.Number, leg.SealedMediaState) : null;

    private async Task MoveMediaAsync(bool isLost)
    {
        if (_isMovingMedia)
            return;
        _isMovingMedia = true;
        _negotiations++;
        bool moved = false;
        try
        {
            using MediaMove? move = await NextNodeAsync(isLost);
            moved = move is not null && await MoveMediaAsync(move, _callee is { } callee ? [_caller, callee] : [_caller], isLost);
            if (!moved)
                _staysUntil = Now + s_nextLeaving;
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            moved = true;                                         // the call ended meanwhile
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(Id.ToString(), e);
        }
        finally
        {
            _isMovingMedia = false;
            _negotiations--;
            if (isLost && !moved)
            {
                foreach (CallLeg leg in _legs)
                    leg.HasMedia = false;
                Release(ReleaseCause.MediaLost);
            }
        }
    }

    /// <summary>Another node; where ours died, waits for one a while.</summary>
    private async Task<MediaMove?> NextNodeAsync(bool isLost)
    {
        DateTime until = Now + s_nodePatience;
        while (true)
        {
            MediaMove? move = await Media.MoveAsync(Id, _room?.Id, _over.Token);
            if (move is not null || !isLost || Now >= until || _release.Task.IsCompleted || _over.IsCancellationRequested)
                return move;
            await _tenant.DelayAsync(s_nodeRetry, out _);
        }
    }

    /// <summary>Has all parties agree to media of the next node, or none.</summary>
    private async Task<bool> MoveMediaAsync(MediaMove move, CallLeg[] parties, bool isLost)
    {
        LogMoving(Id.ToString(), isLost);
        bool agreed = false;
        RecordingState? recorded = null;
        bool[] each = new bool[parties.Length];
        try
        {
            bool[] made = await Task.WhenAll(parties.Select(leg => RestoreAsync(move.Next, leg)));
            if (!_over.IsCancellationRequested && Array.TrueForAll(made, one => one))
                each = await Task.WhenAll(parties.Select(leg => AgreeAsync(move.Next, leg, Partner(leg) is { } other && parties.Contains(other) ? other.Media : null, PolicyOf(leg))));
            agreed = Array.TrueForAll(each, one => one) && !_over.IsCancellationRequested;
            if (agreed)
            {
                recorded = await RecordThereAsync();              // before they hear each other: no word of what is heard is missing
                await ReconnectAsync(parties);
            }
        }
        finally
        {
            if (!agreed)
                await StayAsync(move, parties, each);
        }
        if (!agreed)
            return false;
        if (recorded is not null && move.Former is { } former)    // which may hang: nobody waits for it to be heard
            recorded.Figures = await former.EndRecordingAsync(Id, recorded.Id, CancellationToken.None);
        foreach (CallLeg leg in parties)
            if (move.Former is not null && await move.Former.RemoveAsync(leg.Media, CancellationToken.None) is { } figures)
                Record.Add(leg.Party, figures);
        Changed();
        LogMoved(Id.ToString());
        return true;
    }

    private async Task<bool> RestoreAsync(IMediaNode node, CallLeg leg) => MediaStateOf(leg) is { } state && await node.RestoreAsync(leg.Media, PolicyOf(leg), state, CancellationToken.None);

    private async Task<bool> AgreeAsync(IMediaNode node, CallLeg leg, LegId? like, LegPolicy policy)
    {
        LegDescription offer = await node.OfferAsync(leg.Media, policy, like, CancellationToken.None);
        if (leg.Dialog is not { IsEnded: false } dialog)
            return false;
        ReinviteOutcome? outcome = offer.Accepted ? await dialog.ReinviteAsync(MessageBody.Sdp(offer.LocalSdp!)) : null;
        if (policy.DecodableOnly && IsOfCodec(offer, outcome) && !_over.IsCancellationRequested)
            return await AgreeAsync(node, leg, like, leg.Policy);
        if (outcome is not { IsAccepted: true, Body: { IsSdp: true } answer })
            return false;
        return Noted(leg, await node.ReceiveAnswerAsync(leg.Media, answer.Text, CancellationToken.None)).Accepted;
    }

    /// <summary>Has the parties hear there what they heard here.</summary>
    private async Task ReconnectAsync(CallLeg[] parties)
    {
        if (parties is [var caller, var callee])
            await Media.BridgeAsync(caller.Media, callee.Media, CancellationToken.None);
        else if (_room is not null)
            await JoinAsync();
        else if (_transfer is null)                               // else it is on its way into a room
            await Media.EchoAsync(_caller.Media, CancellationToken.None);
        await FollowSoundsAnewAsync(parties);
        await _tenant.Calls.SuperviseAgainAsync(Id);              // who listened is on the other node still, and is let go
    }

    /// <summary>What was recorded on the former node stays as it is; the rest of the talk is another recording.</summary>
    /// <returns>The former recording, with the figures of one whose node died until that one tells them; null where nothing is recorded.</returns>
    private async Task<RecordingState?> RecordThereAsync()
    {
        if (Running is not { } state)
            return null;
        state.Figures = RecordingFigures.None with { DurationMilliseconds = (long)(Now - state.StartedAt).TotalMilliseconds };
        if (!_over.IsCancellationRequested)
            await RecordAsync(state.IsPaused);
        return state;
    }

    /// <summary>A party has not agreed: all go on where they were.</summary>
    private async Task StayAsync(MediaMove move, CallLeg[] parties, bool[] agreed)
    {
        foreach (CallLeg leg in parties)
            await move.Next.RemoveAsync(leg.Media, CancellationToken.None);
        move.Undo();
        if (_over.IsCancellationRequested)
        {
            foreach (CallLeg leg in parties)
                await Media.RemoveAsync(leg.Media, CancellationToken.None);       // the end of the call has asked the other node
            return;
        }
        for (int i = 0; move.Former is not null && i < parties.Length; i++)
        {
            if (!agreed[i])
                continue;
            // The phone has seen a later description than this node wrote: that one counts on from there (RFC 3264 §8).
            if (MediaStateOf(parties[i]) is { } state)
                await move.Former.RestoreAsync(parties[i].Media, PolicyOf(parties[i]), state, CancellationToken.None);
            await RepairAsync(parties[i]);
        }
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId} goes to another media node; its own is lost: {IsLost}")]
    private partial void LogMoving(string callId, bool isLost);

    [LoggerMessage(LogLevel.Information, "Call {CallId} is on another media node")]
    private partial void LogMoved(string callId);
}
