using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>Talking and ending: requests in the dialogs, hold, BYE from either side.</summary>
internal sealed partial class Call
{
    private CallLeg? _callee;                                     // whom the caller talks with; null while it rings, and in the echo test

    /// <summary>Our offer to a phone, made knowing the codecs of whom it will talk with, so that the call can be relayed. A talk whose codec cannot be decoded goes on with whoever comes, whoever listens to it.</summary>
    public async Task<LegDescription> OfferToAsync(CallLeg leg, LegId? like)
    {
        LegPolicy policy = PolicyOf(leg);
        LegDescription offer = await Media.OfferAsync(leg.Media, policy, like, _over.Token);
        return policy.DecodableOnly && _phase == CallPhase.Talking && IsOfCodec(offer, null) ? await Media.OfferAsync(leg.Media, leg.Policy, like, _over.Token) : offer;
    }

    /// <summary>The INVITE to a phone or carrier, without offer where the peer shall make it. Who calls is said by our configuration, never by the caller's own header fields (SECURITY.md S8).</summary>
    public OutgoingInviteOptions InviteFor(CallLeg leg, Binding? binding, string? offer, CallIdentity identity)
    {
        if (binding is null)
            return CarrierInviteFor(leg, offer, identity);
        SipUri target = SipUri.Parse(binding.ContactUri).WithoutHeaders();
        bool secure = target.Scheme == SipScheme.Sips;
        SipScheme scheme = secure ? SipScheme.Sips : SipScheme.Sip;
        return new OutgoingInviteOptions
        {
            RequestUri = target,
            From = new NameAddress(new SipUri(scheme, identity.Number.Length == 0 ? "anonymous" : identity.Number, _tenant.Domain, null), identity.Name.Length == 0 ? null : identity.Name),
            To = new NameAddress(new SipUri(scheme, leg.Extension, _tenant.Domain, null)),
            Contact = leg.Flow.ContactFor(TokenOf(leg), secure),
            Body = offer is null ? null : MessageBody.Sdp(offer),
            Reliable = leg.Terms.Reliable,
            Timer = leg.Terms.Timer,
            SessionInterval = leg.Terms.SessionInterval,
            MaxForwards = Math.Max(0, identity.MaxForwards - leg.ForwardedBy.Count),
            Headers = [.. identity.Headers, .. BreadthFor(leg), .. ForwardTrail.Describe(leg.ForwardedBy, leg.Extension, _tenant.Domain)],
        };
    }

    /// <summary>The first phone that answers has the call.</summary>
    public bool TryWin(PhoneAttempt attempt)
    {
        if (_winner is not null || !Invite.IsPending || _release.Task.IsCompleted)
            return false;
        _winner = attempt;
        _callee = attempt.Leg;
        return true;
    }

    /// <summary>Takes a leg's dialog: its requests come to this call from now on.</summary>
    public void Attach(CallLeg leg, InviteDialog dialog)
    {
        leg.Dialog = dialog;
        Action<InviteDialog> changed = _ => Changed();
        dialog.Changed += changed;
        leg.Detach = () => dialog.Changed -= changed;
        dialog.ForgottenAnswer = () => _tenant.Scheduler.Start(() => RepairAsync(leg));
        dialog.RefreshByReinvite = () => _tenant.Scheduler.Start(() => RepairAsync(leg));
        if (leg.Carrier is { } carrier)
        {
            dialog.FindWayBeside = length => FindWayBesideAsync(leg, carrier, length);
            dialog.UnheardBeside = (flow, status) => UnheardBeside(leg, (EdgeFlow)flow, status);
        }
        dialog.Admit = transaction => IsAdmitted(leg, transaction);
        dialog.RequestReceived = transaction => TryPassOn(leg, transaction);
        dialog.ReinviteReceived = reinvite => _tenant.Scheduler.Start(() => AnswerReinviteAsync(leg, reinvite));
        Changed();
    }

    /// <summary>An offer in the talk that is too long for UDP goes to the carrier by TCP, as the first INVITE does, where the trunk leaves that to us and the carrier takes it (RFC 3261 §18.1.1, I42).</summary>
    private async Task<Flow?> FindWayBesideAsync(CallLeg leg, CarrierSide carrier, int length)
    {
        if (!CarrierFlows.IsTooLong(carrier, length) || await _tenant.Trunks.Flows.OpenBesideAsync(carrier.Trunk, leg.Flow) is not { } stream)
            return null;
        (stream.Trace, stream.Witness) = (leg.Flow.Trace, leg.Flow.Witness);
        return stream;
    }

    private void UnheardBeside(CallLeg leg, EdgeFlow stream, int status)
    {
        if (status == 430)
            _tenant.Trunks.Flows.Gone(stream);                    // a kept connection that had ended: the next long request opens another
        else
            _tenant.Trunks.Flows.SilentBeside(leg.Flow);
    }

    /// <summary>Ends a leg's dialog, if it has one.</summary>
    public void HangUp(CallLeg leg, ReleaseCause? cause)
    {
        if (leg.Dialog is { IsEnded: false } dialog)
            _goodbyes.Add(Telemetry.DisconnectAsync(dialog.ByeAsync(cause?.Header)));
        Drop(leg);
    }

    /// <summary>Frees the media of a leg that did not come to talk.</summary>
    public void Drop(CallLeg leg)
    {
        if (!leg.HasMedia || ReferenceEquals(leg, _caller) || ReferenceEquals(leg, _callee))
            return;
        CountOutside(leg);
        leg.HasMedia = false;
        _goodbyes.Add(Media.RemoveAsync(leg.Media, CancellationToken.None));
    }

    /// <summary>The talking door: the caller talks with the callee, or with us where there is none, until somebody hangs up. Transfers put others in their places meanwhile.</summary>
    private async Task TalkAsync()
    {
        _phase = CallPhase.Talking;
        Changed(atOnce: true);
        await (_isRestored ? GoOnTellingAsync() : TellOfRecordingAsync());
        while (!await IsTalkOverAsync())
            await _tenant.Scheduler.FirstOf([_release.Task, _transferNews.Task, .. EndsOf(_caller), .. EndsOf(_callee)]);
        _phase = CallPhase.SettingUp;
        ReleaseCause? told = Record.Cause == ReleaseCause.Normal ? null : Record.Cause;
        _transfer?.Stop(told ?? ReleaseCause.Normal);
        HangUp(_caller, told);
        if (_callee is { } callee)
            HangUp(callee, told);
    }

    /// <summary>Looks at what has happened.</summary>
    /// <returns>Whether the talk is over; then the record says why.</returns>
    private async Task<bool> IsTalkOverAsync()
    {
        if (_transferNews.Task.IsCompleted)
            _transferNews = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_transfer is { IsDone: true } done)
            await EndTransferAsync(done);
        if (_transfer is { HearsRinging: false, Leaving.Dialog.IsEnded: true } transfer)
            await LetHearRingingAsync(transfer);
        if (_release.Task.IsCompletedSuccessfully)
        {
            Record.Cause = await _release.Task;
            return true;
        }
        foreach (CallLeg? leg in (CallLeg?[])[_caller, _callee])
        {
            if (leg?.Dialog is not { IsEnded: true } dialog || ReferenceEquals(leg, _transfer?.Leaving))
                continue;
            Ended(await dialog.Ended, leg.Party);
            return true;
        }
        return false;
    }

    // The end of a party that has asked for a transfer is no news any more once it was seen.
    private IEnumerable<Task> EndsOf(CallLeg? leg) =>
        leg?.Dialog is not { } dialog || (dialog.IsEnded && ReferenceEquals(leg, _transfer?.Leaving)) ? [] : [dialog.Ended];

    private async Task EchoAsync(string number)
    {
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
        await Media.EchoAsync(_caller.Media, _over.Token);
        await Invite.SettleAsync();
        if (Invite.Accept(MessageBody.Sdp(local.LocalSdp!)) is not { } dialog)
        {
            IsOverForCaller();
            return;
        }
        Answered(dialog, number, local);
        await TalkAsync();
    }

    private void Ended(DialogEnd end, CallParty party)
    {
        Record.ReleasedBy = end.Cause == DialogEndCause.RemoteBye ? party : CallParty.System;
        Record.Cause = end.Cause switch
        {
            DialogEndCause.RemoteBye => ReleaseCause.Of(end.Message) ?? ReleaseCause.Normal,
            DialogEndCause.Expired => ReleaseCause.Expired,
            DialogEndCause.NoAck => ReleaseCause.Sip(408, "No ACK"),
            _ => ReleaseCause.Sip(481, "Phone gone"),
        };
    }

    /// <summary>A fault of ours: nobody may be left in a call that nobody leads.</summary>
    private void HangUpAll(ReleaseCause cause)
    {
        foreach (PhoneAttempt attempt in _attempts)
            if (attempt.Leg.Dialog is null)
                attempt.Stop(cause);
        StopHunts(this, _winner, cause);
        foreach (CallLeg leg in _legs)
            HangUp(leg, cause);
    }

    private async Task RemoveMediaAsync()
    {
        await EndRecordingAsync();
        Task[] removing = [.. _legs.Select(RemoveMediaAsync)];        // asked for together, so that they go to the node together
        foreach (Task removed in removing)
            await removed;
    }

    /// <summary>Ends a leg's media; what it was like goes into the record.</summary>
    private async Task RemoveMediaAsync(CallLeg leg)
    {
        if (!leg.HasMedia)
            return;
        CountOutside(leg);
        leg.HasMedia = false;
        LegStatistics figures = await Media.RemoveAsync(leg.Media, CancellationToken.None);
        if (Record.AnsweredAt is not null)
        {
            Record.Add(leg.Party, figures);
            _worker.Metrics.LegEnded(leg.Party, figures);
        }
    }

    /// <summary>
    /// SECURITY.md S11: a request in a dialog is believed where it comes by the dialog's own flow. From elsewhere the phone has to prove that it is the
    /// same device; then the dialog follows it (a phone that reconnected).
    /// </summary>
    private bool IsAdmitted(CallLeg leg, ServerTransaction transaction)
    {
        if (leg.Flow.IsSame(transaction.Flow))
        {
            ((EdgeFlow)transaction.Flow).Trace = leg.Flow.Trace;  // for the response
            return true;
        }
        if (leg.Carrier is { } carrier)
            return IsAdmittedFromCarrier(leg, carrier, transaction);
        if (transaction.Flow is not EdgeFlow flow || _tenant.Authenticator.Authenticate(transaction, _tenant.Configuration) is not { } device)
            return false;
        if (device.Id != leg.DeviceId)
        {
            _tenant.Respond(transaction, 403);
            return false;
        }
        leg.MoveTo(flow);
        Changed();
        return true;
    }

    /// <summary>A re-INVITE or an offer in UPDATE: hold, resume, a new address. It ends at this leg; the other party's session stays as it is, unless fax or video comes or goes.</summary>
    private async Task AnswerReinviteAsync(CallLeg leg, IncomingReinvite reinvite)
    {
        using System.Diagnostics.Activity? span = Telemetry.Span("re-INVITE", System.Diagnostics.ActivityKind.Server);
        _negotiations++;
        try
        {
            await RenegotiateAsync(leg, reinvite);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            reinvite.Reject(487);                                 // the call ended meanwhile
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(Id.ToString(), e);
            reinvite.Reject(500);
            Release(ReleaseCause.Fault);
        }
        finally
        {
            _negotiations--;
        }
    }

    private async Task RenegotiateAsync(CallLeg leg, IncomingReinvite reinvite)
    {
        LegId? like = Partner(leg)?.Media;
        if (reinvite.Offer is { IsSdp: false })
        {
            reinvite.Reject(415);
            return;
        }
        await leg.LateAnswer;                                     // an ACK and the next offer on its heels are two messages of one moment
        LegDescription local = reinvite.Offer is { } offer
            ? await Media.ReceiveOfferAsync(leg.Media, PolicyOf(leg), offer.Text, _over.Token)
            : await OfferToAsync(leg, like);
        bool holds = local.RemoteHeld;
        CallLeg? changed = null;
        if (local is { Accepted: true, AsksPartner: true } && Partner(leg) is { } other)
        {
            int status = await AskPartnerAsync(leg, other);
            if (status == 491)
            {
                reinvite.Reject(491);
                return;
            }
            changed = status == 200 ? other : null;
        }
        if (local.Accepted && reinvite.Offer is not null)
            local = await AnswerAsync(leg, like, _over.Token);
        if (!local.Accepted && changed is not null)
            _tenant.Scheduler.Start(() => RepairAsync(changed));
        if (!local.Accepted)
            reinvite.Reject(local.Unavailable ? 503 : 488, null, ReleaseCause.NotAcceptable(local).ToHeaders(_tenant.Domain, reinvite.Request));
        else if (reinvite.Accept(MessageBody.Sdp(local.LocalSdp!)))
        {
            if (reinvite.Offer is null)
                ReceiveLateAnswer(leg, reinvite.Confirmed, follows: true);
            else
                await FollowHoldAsync(leg, holds || local.RemoteHeld);
        }
    }

    /// <summary>The answer to an offer of ours that went in a 200 comes in the ACK (§13.2.1). Without one the old media stay (I16).</summary>
    /// <param name="leg">Whose answer.</param>
    /// <param name="acknowledged">The ACK.</param>
    /// <param name="follows">Whether the other party hears what comes of it: that this one holds, or no longer does.</param>
    private void ReceiveLateAnswer(CallLeg leg, Task<SipRequest?> acknowledged, bool follows = false)
    {
        TaskCompletionSource received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        leg.LateAnswer = received.Task;
        _tenant.Scheduler.Start(async () =>
        {
            try
            {
                await ReceiveLateAnswerAsync(leg, acknowledged, follows);
            }
            finally
            {
                received.SetResult();
            }
        });
    }

    private async Task ReceiveLateAnswerAsync(CallLeg leg, Task<SipRequest?> acknowledged, bool follows)
    {
        if (await acknowledged is not { } ack || MessageBody.Of(ack) is not { IsSdp: true } answer || _over.IsCancellationRequested)
            return;
        LegDescription description = await ReceiveAnswerAsync(leg, answer.Text, CancellationToken.None);
        if (!description.Accepted)
            LogBadAnswer(Id.ToString(), leg.Number, description.Fault ?? "");
        else if (follows && !_over.IsCancellationRequested)
            await FollowHoldAsync(leg, description.RemoteHeld);
    }

    private CallLeg? Partner(CallLeg leg) => ReferenceEquals(leg, _caller) ? _callee : ReferenceEquals(leg, _callee) ? _caller : null;

    [LoggerMessage(LogLevel.Warning, "Call {CallId}: leg {Leg} answered what we did not offer: {Fault}")]
    private partial void LogBadAnswer(string callId, int leg, string fault);
}
