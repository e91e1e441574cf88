using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>A conference room answers: its PIN, and what can be done in it by keys (<c>*6</c> mutes, <c>*5</c> locks).</summary>
internal sealed partial class Call
{
    private const int PinAttempts = 3;
    private static readonly CollectTerms s_pinTerms = new() { Most = 12 };

    private ConfiguredConference? _room;                          // the caller takes part in it
    private bool _isModerator, _isMuted, _isHoldingRoom, _isRestored, _isSpeaking;

    /// <summary>A party of a conference began or ended to speak: those who watch the room see it.</summary>
    public void SpeakingChanged(bool speaks)
    {
        if (_room is null)
            return;
        _isSpeaking = speaks;
        _tenant.Live.Changed(Id);                                 // nothing that the next owner has to know
    }

    /// <summary>The room that the caller is in was locked, or opened: the next owner has to know.</summary>
    public void RoomChanged() => Changed();

    private async Task ConferenceAsync(ConfiguredConference room)
    {
        _answers = true;
        if (!await IsBesideAsync(room))                           // all who take part are on one media node
        {
            Refuse(503, ReleaseCause.NotAcceptable(LegDescription.Refused(LegFaults.NodeUnavailable)));
            return;
        }
        if (!await ReceiveCallersOfferAsync())
            return;
        LegDescription local = await DescribeForCallerAsync(null);
        if (IsOverForCaller())
            return;
        if (!local.Accepted)
        {
            Refuse(local.Unavailable ? 503 : 488, ReleaseCause.NotAcceptable(local));
            return;
        }
        await RecordIfAskedAsync();
        await Invite.SettleAsync();
        if (Invite.Accept(MessageBody.Sdp(local.LocalSdp!)) is not { } dialog)
        {
            IsOverForCaller();
            return;
        }
        Answered(dialog, room.Number, local);
        _isEntering = true;
        _tenant.Scheduler.Start(() => EnterAsync(room));
        await TalkAsync();
    }

    /// <summary>Whether the call's media node is that of a room.</summary>
    public Task<bool> IsBesideAsync(ConfiguredConference room) => Media.PlaceAsync(Id, room.Id, _over.Token);

    /// <summary>A party made place for a conference room: the other one goes there, and is the call's only party from now on.</summary>
    private async Task EnterInsteadAsync(CallLeg leaving, CallLeg staying, ConfiguredConference room)
    {
        if (!ReferenceEquals(staying, _caller))
            TakeCaller(staying);
        _callee = null;
        (staying.Hears, staying.HoldsByProgram, _isMuted) = (null, false, staying.IsMuted);
        Changed();
        _tenant.Calls.EndSupervisionsOf(Id);
        await RecordIfAskedAsync();
        if (leaving.Dialog is { IsEnded: false } dialog)
            _goodbyes.Add(Telemetry.DisconnectAsync(dialog.ByeAsync()));
        await RemoveMediaAsync(leaving);
        LogTransferred(Id.ToString(), leaving.Number, room.Number);
        _tenant.Scheduler.Start(() => EnterAsync(room));
    }

    private async Task EnterAsync(ConfiguredConference room)
    {
        _negotiations++;
        try
        {
            await AskAndEnterAsync(room);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // the caller hung up meanwhile
        }
        finally
        {
            _negotiations--;
        }
    }

    private async Task AskAndEnterAsync(ConfiguredConference room)
    {
        // Who was transferred here talks in what it spoke with the other party.
        if (_caller.IsOnlyPassed && !await ChangeCodecAsync())
        {
            await TurnAwayAsync("cannot-connect");
            return;
        }
        _answers = true;
        bool? moderator = room.Pin is null && room.ModeratorPin is null ? !room.Locked && _caller.Carrier is null : await AskPinAsync(room);
        if (moderator is not { } isModerator)
        {
            await TurnAwayAsync("wrong-pin", "goodbye");
            return;
        }
        if (room.Locked && !isModerator)
        {
            await TurnAwayAsync("conference-locked", "goodbye");
            return;
        }
        int count = _tenant.Calls.Rooms.Enter(room.Id, this, isModerator);
        if (count <= 0)
        {
            await TurnAwayAsync(count == 0 ? "conference-locked" : "conference-full", "goodbye");
            return;
        }
        (_room, _isModerator) = (room, isModerator);
        LogEntered(Id.ToString(), room.Number, count);
        if (room.Greeting is { } greeting)
            await LetHearOwnAsync(_caller, greeting);
        // The room may be elsewhere since it was found to be here: its parties left a node, or told of it only now (after a takeover).
        if (!await JoinAsync() && (await IsBesideAsync(room) || !await GoBesideAsync(room)))
        {
            await TurnAwayAsync("cannot-connect");
            return;
        }
        Changed();
        _isEntering = false;
        if (count == 1)
            await BeginPromptAsync(_caller, AllDigits, "conference-alone");
        await TellOfRecordingAsync();
    }

    /// <summary>Asks for the PIN, a few times.</summary>
    /// <returns>Whether it is a moderator's; null where it was wrong.</returns>
    private async Task<bool?> AskPinAsync(ConfiguredConference room)
    {
        for (int attempt = 0; attempt < PinAttempts; attempt++)
        {
            if (await PlayAndCollectAsync(_caller, s_pinTerms, attempt == 0 ? ["enter-pin"] : ["wrong-pin", "enter-pin"]) is not { } pin)
                return null;
            if (pin.Length > 0 && pin == room.ModeratorPin)
                return true;
            // Without a PIN for others they enter by the hash key alone.
            if (pin == (room.Pin ?? ""))
                return room.ModeratorPin is null && _caller.Carrier is null;
        }
        return null;
    }

    /// <summary>A key after a star, in a room.</summary>
    private void TakeRoomDigit(char digit)
    {
        if (digit == '6')
            _tenant.Scheduler.Start(ToggleMuteAsync);
        else if (digit == '5' && _isModerator && _room is { } room)
            _tenant.Scheduler.Start(() => ToggleLockAsync(room));
    }

    private async Task ToggleLockAsync(ConfiguredConference room)
    {
        ConferenceRooms rooms = _tenant.Calls.Rooms;
        rooms.SetLocked(room.Id, !rooms.IsLocked(room.Id));
        await BeginPromptAsync(_caller, AllDigits, rooms.IsLocked(room.Id) ? "conference-lock-on" : "conference-lock-off");
    }

    private async Task ToggleMuteAsync()
    {
        if (_room is null || _over.IsCancellationRequested)
            return;
        await SetMutedAsync(!_isMuted, _isHoldingRoom);
        await BeginPromptAsync(_caller, AllDigits, _isMuted ? "muted" : "unmuted");
    }

    private async Task SetMutedAsync(bool isMuted, bool isHolding)
    {
        (_isMuted, _isHoldingRoom) = (isMuted, isHolding);
        _caller.IsMuted = isMuted;
        Changed();
        await JoinAsync();
    }

    private Task<bool> JoinAsync() => Media.JoinAsync(
        _caller.Media, new ConferencePlace { Conference = _room!.Id, IsMuted = _isMuted || _isHoldingRoom, Signals = _room.EntryTones }, _over.Token);

    private async Task TurnAwayAsync(params string[] sounds)
    {
        await LetHearAsync(_caller, sounds);
        Release(ReleaseCause.Normal);
    }

    private void LeaveRoom()
    {
        if (_room is { } room)
            _tenant.Calls.Rooms.Leave(room.Id, this);
    }

    /// <summary>An earlier owner's caller takes part in a room; the media node has it there still.</summary>
    private void RestoreRoom(ConferenceId id, bool isModerator, bool isMuted, bool isLocked)
    {
        _room = Configuration.Conferences.Values.FirstOrDefault(room => room.Id == id);
        (_isModerator, _isMuted) = (isModerator, isMuted);
        if (_room is not null)
            _tenant.Calls.Rooms.Restore(id, this, isLocked);
    }

    /// <summary>Tells where the room is: only its parties know after a takeover. Who came before they told it may have begun it on another node; then we go there.</summary>
    private async Task GoOnInRoomAsync(ConfiguredConference room)
    {
        if (!await GoBesideAsync(room))
            LogApart(Id.ToString(), room.Number);
    }

    [LoggerMessage(LogLevel.Warning, "Call {CallId} cannot go to the media node of conference room {Room}: it does not hear those who are there. Whoever dials in again does.")]
    private partial void LogApart(string callId, string room);

    [LoggerMessage(LogLevel.Information, "Call {CallId} is in conference room {Room}, {Count} parties now")]
    private partial void LogEntered(string callId, string room, int count);
}
