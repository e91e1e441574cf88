using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>A party that asks for another one in its place (REFER, RFC 3515). The transfer ends here: the phone that stays hears nothing of it.</summary>
internal sealed partial class Call
{
    private Transfer? _transfer;
    private TaskCompletionSource _transferNews = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The transfer under way began, or is over.</summary>
    public void TransferChanged() => _transferNews.TrySetResult();

    private void AnswerRefer(CallLeg leaving, ServerTransaction transaction)
    {
        SipRequest refer = transaction.Request;
        int refusal = ReferTarget.Read(refer, out ReferTarget? target);
        if (leaving.Carrier is { Trunk.Profile.AcceptTransfers: false })
            _tenant.Respond(transaction, 403);                    // a stranger would call at the tenant's expense (S1)
        else if (refusal != 0)
            _tenant.Respond(transaction, refusal);
        else if (_phase != CallPhase.Talking || Partner(leaving) is not { Dialog.IsEnded: false } staying)
            _tenant.Respond(transaction, 603);                    // with whom, there is nobody
        else if (_transfer is not null)
            _tenant.Respond(transaction, 491);
        else if (!IsHere(target!.Uri, refer, leaving))
            _tenant.Respond(transaction, 404);                    // another's domain: no relay (S17)
        else
            BeginTransfer(leaving, staying, transaction, target);
    }

    /// <summary>The new call is the leaving party's, with its rights; who calls is the party that stays.</summary>
    private void BeginTransfer(CallLeg leaving, CallLeg staying, ServerTransaction transaction, ReferTarget target)
    {
        ReferNotices notices = new(leaving.Dialog!, transaction.Request, leaving.Refers++ == 0);
        _tenant.Respond(transaction, 202, null, [.. notices.Accepted]);
        string number = Router.DialledString(target.Uri);
        Transfer transfer = NewTransfer(leaving, staying, number, (transaction.Request.MaxForwards ?? 70) - 1, notices);
        Replaces? named = target.Replaces is null ? null : Replaces.TryParse(target.Replaces) ?? Replaces.Nobody;
        if (named is not null && _tenant.Calls.FindCalling(named, leaving) is { } consultation)
        {
            // Semi-attended (RFC 5589 §7.2): who was called to ask has not answered yet, and is called for the other party now.
            number = consultation.Record.CalledNumber;
            _tenant.Scheduler.Start(() => RunTransferAsync(transfer.RunAsync(async () =>
            {
                await _tenant.Calls.ReleaseAsync(consultation, ReleaseCause.Transferred);       // its phones ring no more when they ring again
                return TransferTarget(leaving, number);
            }, leaving.Extension)));
            return;
        }
        _tenant.Scheduler.Start(() => RunTransferAsync(named is not null
            ? transfer.JoinConsultedAsync(named.EarlyOnly ? null : _tenant.Calls.Find(named, leaving))
            : transfer.RunAsync(() => Task.FromResult(TransferTarget(leaving, number)), leaving.Extension)));
    }

    /// <summary>Puts another party into the place of one, for somebody who leads the call from outside. The new call is the leaving party's, with its rights.</summary>
    /// <param name="party">Who makes place; null: the only one that is the tenant's own.</param>
    /// <param name="number">What that one calls instead.</param>
    public TransferAnswer TransferFor(CallParty? party, string number)
    {
        if (_phase != CallPhase.Talking || _release.Task.IsCompleted || _callee is not { Dialog.IsEnded: false } callee || _caller.Dialog is not { IsEnded: false })
            return TransferAnswer.NotTalking;
        if (_transfer is not null)
            return TransferAnswer.UnderWay;
        CallLeg leaving = party switch
        {
            CallParty.Caller => _caller,
            CallParty.Callee => callee,
            _ => callee.Carrier is null ? callee : _caller,
        };
        if (leaving.Carrier is not null)
            return TransferAnswer.OutsideParty;
        RouteTarget target = TransferTarget(leaving, number);
        if (target is not (RouteTarget.ToExtension or RouteTarget.ToTrunks or RouteTarget.ToConference))
            return TransferAnswer.Refused;
        Transfer transfer = NewTransfer(leaving, ReferenceEquals(leaving, _caller) ? callee : _caller, number, 69, null);
        _tenant.Scheduler.Start(() => RunTransferAsync(transfer.RunAsync(() => Task.FromResult(target), leaving.Extension)));
        return TransferAnswer.Begun;
    }

    private Transfer NewTransfer(CallLeg leaving, CallLeg staying, string number, int hops, ReferNotices? notices)
    {
        HeaderField referrer = new("Referred-By", $"<{new SipUri(SipScheme.Sip, leaving.Extension, _tenant.Domain)}>");      // RFC 3892 §3, by our word
        (string who, string name) = ReferenceEquals(staying, _caller) ? (Record.CallerNumber, Record.CallerName) : (staying.Extension, NameOf(staying.Extension));
        LogTransferring(Id.ToString(), leaving.Number, number);
        Transfer transfer = _transfer = new Transfer(this, _tenant, leaving, staying, new CallIdentity(who, name, Math.Max(hops, 0), [referrer]), notices) { Number = number };
        TransferChanged();
        return transfer;
    }

    /// <summary>Where a party may send another one: a phone, wherever it might call itself; a carrier, wherever it might call by itself, and never outside at the tenant's expense (S1).</summary>
    private RouteTarget TransferTarget(CallLeg leaving, string number)
    {
        if (leaving.Carrier is not { } carrier)
            return _tenant.News.Watch(Router.Route(leaving.Extension, number, _tenant.Configuration, _tenant.Calls.Conditions(leaving.Extension)), leaving.Extension).Target;
        RouteTarget target = Router.RouteInbound(carrier.Trunk, leaving.Extension, number, _tenant.Configuration).Target;
        return target is RouteTarget.ToExtension ? target : target is RouteTarget.Refused ? target : new RouteTarget.Refused(403);
    }

    /// <summary>Whom a party of this call has consulted, where it may give that one away now.</summary>
    public CallLeg? ConsultedBy(CallLeg leg) =>
        _phase == CallPhase.Talking && _transfer is null && !_release.Task.IsCompleted && Partner(leg) is { Dialog.IsEnded: false } other ? other : null;

    /// <summary>The place in this call for a phone that is in another one.</summary>
    public CallLeg PlaceFor(CallLeg phone, Contracts.Events.CallParty party)
    {
        State.Bindings.Binding? binding = _tenant.Registrar.Find(phone.Extension).FirstOrDefault(binding => binding.Key == phone.Binding?.Key);
        CallLeg place = new(Id, ++_lastLeg, party, phone, binding is null ? phone.OffersSrtp : SrtpChoice.OffersSrtp(phone.Encryption, binding)) { HasMedia = true };
        Join(place);
        if (phone.Dialog?.ToState().Dialog is { } dialog)
            Ladder.Adopt(place, dialog.CallId, dialog.IsCaller);
        return place;
    }

    /// <summary>Asks a phone of another call to agree to media of this one.</summary>
    /// <param name="place">Its place here.</param>
    /// <param name="dialog">Its dialog with us, which goes on.</param>
    /// <param name="like">Whom it will talk with.</param>
    /// <param name="before">Its media in the other call, as <see cref="MediaStateOf"/> tells.</param>
    /// <returns>200, or why it did not: then the phone talks as before.</returns>
    public async Task<int> InviteOverAsync(CallLeg place, InviteDialog dialog, LegId like, string? before)
    {
        // Its session goes on in that dialog: the o= line but for its version (RFC 3264 §8), and our key, since baresip takes none from a re-INVITE. Browsers agree on keys with each node anew.
        if (before is not null && !place.Policy.WebRtc)
            await Media.RestoreAsync(place.Media, PolicyOf(place), before, _over.Token);
        LegDescription offer = await OfferToAsync(place, like);
        if (!offer.Accepted)
            return offer.Unavailable ? 503 : 488;
        ReinviteOutcome outcome = await dialog.ReinviteAsync(MessageBody.Sdp(offer.LocalSdp!));
        if (!outcome.IsAccepted)
            return outcome.StatusCode;
        LegDescription agreed = outcome.Body is { IsSdp: true } answer ? await ReceiveAnswerAsync(place, answer.Text, _over.Token) : LegDescription.Refused("no answer");
        return agreed.Accepted ? 200 : 488;
    }

    /// <summary>Gives a phone to another call; this one is over with that, and its record says so.</summary>
    public void GiveAway(CallLeg phone, CallLeg by)
    {
        phone.Detach?.Invoke();
        phone.Dialog = null;
        phone.Use = null;                                         // it goes on there
        Record.ReleasedBy = by.Party;
        Release(ReleaseCause.Transferred);
    }

    /// <summary>A phone that was to go to another call stays, but has agreed to media of that one.</summary>
    public void TakeBack(CallLeg phone)
    {
        Ladder.TakeBack(phone);
        _tenant.Scheduler.Start(() => RepairAsync(phone));
    }

    private async Task RunTransferAsync(Task transfer)
    {
        try
        {
            await transfer;
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // the call ended meanwhile
        }
    }

    /// <summary>A transfer is over: the party that came takes the place of the one that asked.</summary>
    private async Task EndTransferAsync(Transfer transfer)
    {
        _transfer = null;
        if (transfer.Leaving is not { } leaving)
        {
            await EndSearchAsync(transfer);
            return;
        }
        CallLeg staying = transfer.Staying;
        if (transfer.Room is { } room)
        {
            await EnterInsteadAsync(leaving, staying, room);
            return;
        }
        if (transfer.Arrived is not { } arrived)
        {
            // Who asked is still there and takes the call back; or has gone, and the talk ends with it.
            _tenant.News.TransferFailed(this, leaving.Party, transfer.Number, transfer.Status);
            if (transfer.HearsRinging && staying.HasMedia)
                await Media.StopAsync(staying.Media, CancellationToken.None);
            return;
        }
        if (ReferenceEquals(leaving, _caller))
        {
            TakeCaller(arrived);
        }
        else
        {
            _callee = arrived;
        }
        Changed();
        await RecordIfAskedAsync();
        await Media.BridgeAsync(staying.Media, arrived.Media, CancellationToken.None);
        await FollowSoundsAnewAsync(staying, arrived);
        EndStreamsWithFormer(staying);
        await _tenant.Calls.SuperviseAgainAsync(Id);
        await TellOfRecordingAsync();
        if (leaving.Dialog is { IsEnded: false } dialog)
            _goodbyes.Add(Telemetry.DisconnectAsync(dialog.ByeAsync()));
        await RemoveMediaAsync(leaving);
        LogTransferred(Id.ToString(), leaving.Number, arrived.Extension);
    }

    /// <summary>The party that asked for a transfer hung up before its outcome: the one that stays hears that it rings.</summary>
    private async Task LetHearRingingAsync(Transfer transfer)
    {
        transfer.HearsRinging = true;
        await RemoveMediaAsync(transfer.Leaving!);                // its silence is no fault now
        await LetHearProgressAsync(transfer);
    }

    /// <summary>The party that waits for whom it was transferred to hears that one's early media, or that it rings; who still talks with the one that asked, hears nothing of it.</summary>
    public async Task LetHearProgressAsync(Transfer transfer)
    {
        if (!transfer.Staying.HasMedia || _over.IsCancellationRequested || !(transfer.HearsRinging || transfer.Leaving is null))
            return;
        if (transfer.EarlyMedia is { } early)
            await Media.BridgeEarlyAsync(transfer.Staying.Media, early, CancellationToken.None);
        else
            await Media.PlayAsync(transfer.Staying.Media, Tone.Ringback, CancellationToken.None);
    }

    private string NameOf(string number) => Configuration.Extensions.TryGetValue(number, out ConfiguredExtension? extension) ? extension.DisplayName : "";

    [LoggerMessage(LogLevel.Information, "Call {CallId}: leg {Leg} asks for {Number} in its place")]
    private partial void LogTransferring(string callId, int leg, string number);

    [LoggerMessage(LogLevel.Information, "Call {CallId}: leg {Leg} made place for {Extension}")]
    private partial void LogTransferred(string callId, int leg, string extension);
}
