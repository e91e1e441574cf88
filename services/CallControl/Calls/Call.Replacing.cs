using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>An INVITE that comes in the place of one of the call's dialogs (RFC 3891): whoever may speak for that party takes its call over.</summary>
internal sealed partial class Call
{
    private readonly TaskCompletionSource<PickUp> _pickedUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether a party has called here and waits for an answer, in the dialog that a Replaces names.</summary>
    public bool IsCalledBy(CallLeg by, Replaces replaces) => _caller.IsOfSame(by) && _invite is { IsPending: true } && replaces.Names(_invite.DialogId);

    /// <summary>Takes an INVITE with Replaces, where it names a dialog of this call.</summary>
    /// <param name="replaces">The dialog.</param>
    /// <param name="transaction">The INVITE.</param>
    /// <param name="newcomer">Makes the leg of who comes.</param>
    /// <returns>Whether it was answered, or will be.</returns>
    public bool TryReplace(Replaces replaces, ServerTransaction transaction, Func<CallId, int, CallParty, CallLeg> newcomer)
    {
        CallLeg? replaced = _legs.Find(leg => leg.Dialog is { IsEnded: false } dialog && replaces.Names(dialog.Id));
        PhoneAttempt? rings = replaced is null ? Array.Find(_attempts, attempt => attempt.RingsIn(replaces)) : null;
        if ((replaced ?? rings?.Leg) is not { } party)
            return false;
        CallLeg place = newcomer(Id, ++_lastLeg, party.Party);
        if (!place.IsOfSame(party))
            _tenant.Respond(transaction, 403);                    // §8: who may replace is for us to say
        else if (replaced is not null && replaces.EarlyOnly)
            _tenant.Respond(transaction, 486);                    // §3
        else if (rings is not null)
            TakeRinging(rings, place, transaction);
        else
            TakeTalking(party, place, transaction);
        return true;
    }

    /// <summary>The media of who comes in another's place, and the 200.</summary>
    /// <returns>200, or the status that it got.</returns>
    public async Task<int> AnswerReplacingAsync(CallLeg place, IncomingInvite invite, LegId like)
    {
        place.HasMedia = true;
        LegDescription local;
        if (invite.Offer is { } offer)
        {
            local = await Media.ReceiveOfferAsync(place.Media, PolicyOf(place), offer.Text, _over.Token);
            if (local.Accepted)
                local = await AnswerAsync(place, like, _over.Token);
        }
        else
        {
            local = await OfferToAsync(place, like);
        }
        int status = local.Accepted ? 200 : local.Unavailable ? 503 : 488;
        await invite.SettleAsync();
        if (status != 200)
            invite.Reject(status, null, ReleaseCause.NotAcceptable(local).ToHeaders(_tenant.Domain, invite.Request));
        else if (invite.Accept(MessageBody.Sdp(local.LocalSdp!)) is { } dialog)
            Joined(place, invite, dialog);
        else
            status = 487;                                         // its CANCEL was first
        if (status != 200)
            Drop(place);
        return status;
    }

    private void Joined(CallLeg place, IncomingInvite invite, InviteDialog dialog)
    {
        Attach(place, dialog);
        if (invite.Offer is null)
            ReceiveLateAnswer(place, dialog.Confirmed);
    }

    private IncomingInvite Take(CallLeg place, ServerTransaction transaction)
    {
        Join(place);
        Ladder.Add(place, transaction, Record.CalledNumber);
        bool secure = transaction.Request.RequestUri.Scheme == SipScheme.Sips;
        return _tenant.Agents.Take(transaction, place.Flow.ContactFor(TokenOf(place), secure), null, place.Terms.Reliable, place.Terms.Timer, place.Terms.SessionInterval);
    }

    /// <summary>A party goes on with its call at another phone.</summary>
    private void TakeTalking(CallLeg leaving, CallLeg place, ServerTransaction transaction)
    {
        if (_phase != CallPhase.Talking || _transfer is not null || _release.Task.IsCompleted || Partner(leaving) is not { Dialog.IsEnded: false } staying)
        {
            _tenant.Respond(transaction, 491);
            return;
        }
        IncomingInvite invite = Take(place, transaction);
        Transfer transfer = _transfer = new Transfer(this, _tenant, leaving, staying, new CallIdentity(leaving.Extension, "", 70, []), null);
        TransferChanged();
        LogReplacing(Id.ToString(), leaving.Number, place.Number);
        _tenant.Scheduler.Start(() => RunTransferAsync(transfer.JoinReplacingAsync(place, invite)));
    }

    /// <summary>A call that rings at one phone is taken at another.</summary>
    private void TakeRinging(PhoneAttempt rings, CallLeg place, ServerTransaction transaction)
    {
        if (!ReferenceEquals(rings.For, this) || _winner is not null || !Invite.IsPending || _release.Task.IsCompleted || _pickedUp.Task.IsCompleted)
        {
            _tenant.Respond(transaction, 481);                    // it rings no more, or for somebody who is transferred
            return;
        }
        LogReplacing(Id.ToString(), rings.Leg.Number, place.Number);
        _pickedUp.TrySetResult(new PickUp(place, Take(place, transaction)));
    }

    /// <summary>The caller and who took its call agree on media, and talk.</summary>
    private async Task TalkWithAsync(PickUp pickUp)
    {
        StopOthers(ReleaseCause.CompletedElsewhere);
        _phase = CallPhase.SettingUp;
        (CallLeg place, IncomingInvite invite) = pickUp;
        place.HasMedia = true;
        bool served = invite.Offer is not { } offer || (await Media.ReceiveOfferAsync(place.Media, PolicyOf(place), offer.Text, _over.Token)).Accepted;
        LegDescription local = served ? await DescribeForCallerAsync(place) : LegDescription.Refused(LegFaults.NoCommonCodec);
        await Invite.SettleAsync();
        if (IsOverForCaller() || !local.Accepted || Invite.Accept(MessageBody.Sdp(local.LocalSdp!)) is not { } dialog)
        {
            invite.Reject(local.Accepted ? 487 : 488);
            Drop(place);
            Refuse(local.Unavailable ? 503 : 488, local.Accepted ? null : ReleaseCause.NotAcceptable(local));
            return;
        }
        _callee = place;
        Answered(dialog, place.Extension, local);
        if (await AnswerReplacingAsync(place, invite, _caller.Media) != 200)
        {
            Record.Cause = ReleaseCause.Sip(488, "Not acceptable to who took the call");
            HangUp(_caller, Record.Cause);
            return;
        }
        await RecordIfAskedAsync();
        await Media.BridgeAsync(_caller.Media, place.Media, _over.Token);
        await TalkAsync();
    }

    /// <summary>Who takes a call that rings elsewhere.</summary>
    private sealed record PickUp(CallLeg Place, IncomingInvite Invite);

    [LoggerMessage(LogLevel.Information, "Call {CallId}: leg {Leg} makes place for leg {Newcomer}, which asked for it")]
    private partial void LogReplacing(string callId, int leg, int newcomer);
}
