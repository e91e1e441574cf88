using System.Globalization;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>Setting up: the caller's offer, all phones ring, the first answer wins.</summary>
internal sealed partial class Call
{
    private const int MaximumBreadth = 20;                        // RFC 5393 §5.3.3, SECURITY.md S13

    // With an earlier owner; its 200 brings no session description (RFC 6337 §3.1.1).
    private static readonly LegDescription s_agreedBefore = new(true, null, "", Direction.SendRecv, null, false, false);

    private bool _alerting;
    private PhoneAttempt[] _attempts = [];
    private PhoneAttempt? _winner;
    private DateTime? _ringsUntil;
    private int _lastLeg;

    // What the caller's own proxies have left of the breadth counts too (RFC 5393 §5.3.3).
    private int Breadth => (int)Math.Min(MaximumBreadth, _invite?.Request.MaxBreadth ?? MaximumBreadth);

    // All that ring at once share what is left of it; who comes after one that has refused gets that one's part. None is sent without any: it would be refused for it.
    private HeaderField[] BreadthFor(CallLeg leg)
    {
        if (_invite?.Request.MaxBreadth is not { } received || !Array.Exists(_attempts, attempt => ReferenceEquals(attempt.Leg, leg) && ReferenceEquals(attempt.For, this)))
            return [];
        if (leg.Breadth is null)
        {
            PhoneAttempt[] running = [.. _attempts.Where(attempt => attempt is { Status: 0, IsStopped: false } && ReferenceEquals(attempt.For, this))];
            int sharing = running.Count(attempt => attempt.Leg.Breadth is null)
                + _hunts.Count(hunt => hunt.IsRunning && ReferenceEquals(hunt.For, this) && !Array.Exists(running, hunt.Asks));
            leg.Breadth = Math.Max(1, (received - running.Sum(attempt => attempt.Leg.Breadth ?? 0)) / Math.Max(1, sharing));
        }
        return [new HeaderField("Max-Breadth", leg.Breadth.Value.ToString(CultureInfo.InvariantCulture))];
    }

    /// <inheritdoc/>
    public LegId? Like => _caller.HasMedia ? _caller.Media : null;

    /// <inheritdoc/>
    public CallIdentity Identity => new(Record.CallerNumber, Record.CallerName, (Invite.Request.MaxForwards ?? 70) - 1, []);

    /// <summary>Tells the caller that a phone rings, once. GNOME Calls never does, so this is ours to say.</summary>
    public void Alerting()
    {
        if (_winner is null)
            RingAfterEarlyMedia();
        if (_alerting || _winner is not null)
            return;
        _alerting = Progress(180);
        if (_alerting)
            Telemetry.Ringing();
        Progressed();
    }

    private async Task ConnectAsync(RouteTarget.ToExtension target)
    {
        if (!await ReceiveCallersOfferAsync())
            return;
        if (Breadth == 0)
        {
            Refuse(440, null);                                    // RFC 5393 §5.3.3.1
            return;
        }
        Onward first = CallExtension(target, this);
        _forwardedTo = first.Instead;
        if (_forwardedTo is not null)
            await GoInsteadAsync(_forwardedTo);
        else if (first.Any)
            await RingUntilAsync(Now + first.RingTime);
        else
            await RefuseAloudAsync(first.Status == 0 ? 480 : first.Status, null);
    }

    /// <summary>The caller was sent to something that answers by itself.</summary>
    private Task GoInsteadAsync(RouteTarget target) => target is RouteTarget.ToConference conference ? ConferenceAsync(conference.Room) : EchoAsync(Router.EchoCode);

    /// <summary>The ringing door: from here on to the end.</summary>
    private async Task RingUntilAsync(DateTime end)
    {
        _ringsUntil = end;
        _phase = CallPhase.Ringing;                               // written down with the first INVITE
        PhoneAttempt? answered = await RingAsync(end - Now);
        _phase = CallPhase.SettingUp;
        if (_isRestored)
            TellOfRestoredHelp(answered);
        if (_forwardedTo is { } instead && Record.Status == 0)
            await GoInsteadAsync(instead);
        else if (_pickedUp.Task.IsCompletedSuccessfully && Record.Status == 0)
            await TalkWithAsync(await _pickedUp.Task);
        else if (answered is not null && await AnswerCallerAsync(answered))
            await TalkAsync();
    }

    /// <summary>Gives the caller's offer to the media node, before any phone rings: what cannot be served is refused at once.</summary>
    /// <returns>False when the call is over.</returns>
    private async Task<bool> ReceiveCallersOfferAsync()
    {
        if (Invite.Offer is not { } offer)
            return true;                                          // the caller wants our offer, in the 200 (§13.2.1)
        _caller.HasMedia = true;
        LegDescription description = await _worker.Delay.Media.MeasureAsync(Media.ReceiveOfferAsync(_caller.Media, PolicyOf(_caller), offer.Text, _over.Token));
        if (IsOverForCaller())
            return false;
        if (description.Accepted)
            return true;
        Refuse(description.Unavailable ? 503 : 488, ReleaseCause.NotAcceptable(description));
        return false;
    }

    private PhoneAttempt AttemptOn(Binding binding, IRinging ringing, IReadOnlyList<ForwardHop> trail)
    {
        ConfiguredDevice? device = _tenant.Configuration.DevicesByAuthUser.GetValueOrDefault(binding.AuthUser);
        EdgeFlow? flow = EdgeFlow.Restore(_tenant.Edges, _tenant.Tenant, binding.FlowToken);
        if (device is null || flow is null)
            throw new InvalidOperationException("A binding without device or flow should have been pruned.");
        flow.Trace = Telemetry.Trace;
        CallLeg leg = new(Id, ++_lastLeg, ringing.Party, device, flow)
        {
            Terms = _tenant.PhoneTerms,
            ToneCountry = Configuration.ToneCountry,
            Binding = binding,
            ForwardedBy = trail,
            OffersSrtp = SrtpChoice.OffersSrtp(device.Encryption, binding),
        };
        _legs.Add(leg);
        Ladder.Add(leg);
        return new PhoneAttempt(this, ringing, _tenant, _worker, leg, binding);
    }

    /// <summary>Lets phones ring until one answers, all have refused, the time is up or the caller gives up.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="refused">Hears that all have refused, and how; null refuses the caller then.</param>
    /// <returns>The phone that answered; null when the call is over, or <paramref name="refused"/> was told.</returns>
    private async Task<PhoneAttempt?> RingAsync(TimeSpan limit, Action<int>? refused = null)
    {
        List<RingingBranch> ringing =
        [
            .. _attempts.Where(attempt => !attempt.IsStopped).Select(RingingBranch.Of), .. _hunts.Where(hunt => ReferenceEquals(hunt.For, this)).Select(RingingBranch.Of),
        ];
        List<(int Status, ReleaseCause? Cause)> refusals = [];
        Task timeout = _tenant.DelayAsync(limit, out TimerHandle timer);
        try
        {
            while (ringing.Count > 0)
            {
                Task done = await _tenant.Scheduler.FirstOf([.. ringing.Select(phone => phone.End), Invite.Cancelled, _release.Task, _pickedUp.Task, timeout]);
                if (_winner is not null)
                {
                    StopOthers(ReleaseCause.CompletedElsewhere);
                    return _winner;
                }
                if (Invite.Cancelled.IsCompletedSuccessfully)
                {
                    GaveUp(await Invite.Cancelled);
                    StopOthers(Record.Cause ?? ReleaseCause.CallerGaveUp);
                    return null;
                }
                if (_pickedUp.Task.IsCompletedSuccessfully && !_release.Task.IsCompleted)
                    return null;                                  // another phone takes the call (RFC 3891)
                (Onward? onward, bool redirects, int status, ReleaseCause? said) = (null, false, 480, null);
                if (done is Task<int> refusal)
                {
                    RingingBranch refuses = ringing.Find(branch => ReferenceEquals(branch.End, refusal));
                    ringing.Remove(refuses);
                    status = await refusal;
                    said = refuses.Cause;
                    redirects = status is >= 300 and < 400;
                    if (refuses.Phone is { Leg.Carrier: null, IsStopped: false } phone)
                        onward = redirects ? Forward(phone) : ForwardRefused(phone, status);
                    else if (refuses.Phone is null && refused is null)
                        status = Carriers.CarrierAnswer.ForCaller(status);
                }
                else if (ReferenceEquals(done, timeout) && !_release.Task.IsCompleted)
                {
                    onward = ForwardUnanswered(this);
                }
                if (onward is not null && GoesOnward(onward, ringing))
                {
                    if (_forwardedTo is not null)
                        return null;
                    if (!redirects)                               // a phone's own redirection is a part of its ringing
                    {
                        refusals.Clear();                         // who is called instead has the last word
                        timer.Cancel();
                        timeout = RingOn(onward.RingTime, out timer);
                    }
                    continue;
                }
                if (onward is { Status: not 0 })
                    (status, said) = (onward.Status, null);
                if (done is Task<int>)
                {
                    refusals.Add((status, said));
                    if (ringing.Count == 0 && refused is not null)
                    {
                        refused(status);
                        return null;
                    }
                    if (status < 600)
                        continue;                                 // §16.7 step 5: a 6xx ends the others, too
                }
                ReleaseCause cause = _release.Task.IsCompletedSuccessfully ? await _release.Task : done is Task<int> ? ReleaseCause.RefusedElsewhere(status) : ReleaseCause.NoAnswer;
                Record.ReleasedBy = done is Task<int> ? CallParty.Callee : CallParty.System;
                StopOthers(cause);
                Refuse(done is Task<int> ? ForkResult.Choose(refusals) : (status, cause));
                return null;
            }
        }
        finally
        {
            timer.Cancel();
        }
        Record.ReleasedBy = CallParty.Callee;
        if (refused is not null)
        {
            refused(0);
            return null;
        }
        Refuse(ForkResult.Choose(refusals));
        return null;
    }

    /// <summary>The call was sent on.</summary>
    /// <returns>Whether somebody rings now, or the caller goes where nobody has to.</returns>
    private bool GoesOnward(Onward onward, List<RingingBranch> ringing)
    {
        ringing.RemoveAll(branch => branch.Phone is { IsStopped: true });
        ringing.AddRange(onward.Begin());
        if (onward.Instead is null)
            return onward.Any;
        _forwardedTo = onward.Instead;
        StopOthers(ReleaseCause.CompletedElsewhere);
        return true;
    }

    private Task RingOn(TimeSpan limit, out TimerHandle timer)
    {
        _ringsUntil = Now + limit;
        Changed();
        return _tenant.DelayAsync(limit, out timer);
    }

    private void StopOthers(ReleaseCause cause)
    {
        foreach (PhoneAttempt attempt in _attempts)
            if (!ReferenceEquals(attempt, _winner))
                attempt.Stop(cause);
        StopHunts(this, _winner, cause);
    }

    /// <summary>The caller's 200 with the phone's choice of codec, the bridge standing before it.</summary>
    /// <returns>False when the call is over.</returns>
    private async Task<bool> AnswerCallerAsync(PhoneAttempt answered)
    {
        CallLeg callee = answered.Leg;
        // Each answers the other's offer: the node, which takes commands in their order, is asked for all of it at once instead of three times one after the other.
        bool atOnce = !answered.IsAgreed && !callee.Terms.Offerless && Invite.Offer is not null && !AsksForRecording;
        Task<LegDescription> agreeing = AgreeWithPhoneAsync(answered);
        Task<LegDescription>? describing = atOnce ? DescribeForCallerAsync(callee) : null;
        Task? bridging = atOnce ? Media.BridgeAsync(_caller.Media, callee.Media, _over.Token) : null;
        LegDescription phone = await agreeing;
        LegDescription local = phone.Accepted ? await (describing ?? DescribeForCallerAsync(callee)) : phone;
        if (local.Accepted)
        {
            if (answered.Binding is { } binding)
                _tenant.Registrar.Learn(binding, phone.Encrypted);
            await RecordIfAskedAsync();                           // before the first word
            await (bridging ?? Media.BridgeAsync(_caller.Media, callee.Media, _over.Token));
            await Invite.SettleAsync();                           // RFC 3262 §3: no 2xx before the PRACK of early media
        }
        if (IsOverForCaller())
        {
            HangUp(callee, ReleaseCause.CallerGaveUp);
            return false;
        }
        if (_release.Task.IsCompletedSuccessfully)
        {
            ReleaseCause cause = await _release.Task;
            HangUp(callee, cause);
            Refuse(480, cause);
            return false;
        }
        if (!local.Accepted)
        {
            int status = local.Unavailable ? 503 : 488;
            ReleaseCause cause = ReleaseCause.NotAcceptable(local);
            HangUp(callee, cause);
            Refuse(status, cause);
            return false;
        }
        if (Invite.Accept(MessageBody.Sdp(local.LocalSdp!)) is not { } dialog)
        {
            HangUp(callee, ReleaseCause.CallerGaveUp);
            return false;
        }
        Answered(dialog, callee.Extension, local);
        SettleAfterEarlyMedia(local);
        return true;
    }

    /// <summary>Lets the media node know what a phone that answered has said.</summary>
    public async Task<LegDescription> AgreeWithPhoneAsync(PhoneAttempt answered)
    {
        CallLeg callee = answered.Leg;
        LegId? like = answered.For.Like;
        if (answered.IsAgreed)
            return await AnswerAsync(callee, like, _over.Token);      // the same answer again
        if (!callee.Terms.Offerless)
            return await ReceiveAnswerAsync(callee, answered.Answer ?? "", _over.Token);
        LegDescription agreed = await AnswerOfferAsync(callee, like, null, answered.Answer ?? "");
        if (agreed.Accepted)
            callee.Dialog?.Acknowledge(MessageBody.Sdp(agreed.LocalSdp!));        // §13.2.1: the answer goes in the ACK
        return agreed;
    }

    /// <summary>Agrees with a phone that makes the offer, or offers anew before it answers.</summary>
    /// <param name="leg">The phone's leg.</param>
    /// <param name="like">Whom it will talk with.</param>
    /// <param name="answer">Its answer to our own offer, where the media node has not seen it.</param>
    /// <param name="offer">Its offer.</param>
    public async Task<LegDescription> AnswerOfferAsync(CallLeg leg, LegId? like, string? answer, string offer)
    {
        _negotiations++;                                          // nobody else can go on with it: a reliable response that comes again is not looked at
        try
        {
            LegDescription description = answer is null ? new LegDescription(true, null, null, Direction.SendRecv, null, false, false)
                : await ReceiveAnswerAsync(leg, answer, _over.Token);
            if (description.Accepted)
                description = await Media.ReceiveOfferAsync(leg.Media, PolicyOf(leg), offer, _over.Token);
            return description.Accepted ? await AnswerAsync(leg, like, _over.Token) : description;
        }
        finally
        {
            _negotiations--;
        }
    }

    /// <summary>What the caller's 200 brings: our answer, or our offer; where that went before, what came of it.</summary>
    private async Task<LegDescription> DescribeForCallerAsync(CallLeg? callee)
    {
        if (Invite.Offer is not null)
            return await AnswerAsync(_caller, callee?.Media, _over.Token);
        if (_earlyOffer is { } early && await early is { } agreed)
            return agreed;
        return IsAgreedEarly ? s_agreedBefore : await OfferToCallerAsync(callee?.Media);
    }

    private Task<LegDescription> OfferToCallerAsync(LegId? like)
    {
        _caller.HasMedia = true;
        _caller.OffersSrtp = _caller.RequiresSrtp || (_caller.Encryption != Contracts.Api.SrtpPolicy.Off && _caller.Flow.IsSecure);
        return Media.OfferAsync(_caller.Media, PolicyOf(_caller), like, _over.Token);
    }

    private void Answered(InviteDialog dialog, string by, LegDescription local)
    {
        Record.Status = 200;
        Record.AnsweredAt = Now;
        Record.AnsweredBy = by;
        Telemetry.Answered(200);
        _tenant.News.Answered(this);
        Attach(_caller, dialog);
        if (Invite.Offer is null)
            ReceiveLateAnswer(_caller, dialog.Confirmed);
        else if (_caller.Binding is { } binding)
            _tenant.Registrar.Learn(binding, local.Encrypted);    // what the phone offers itself it takes, too
    }

    /// <summary>Whether the caller has gone while we waited for something else.</summary>
    private bool IsOverForCaller()
    {
        if (!Invite.Cancelled.IsCompletedSuccessfully)
            return false;
#pragma warning disable xUnit1031, VSTHRD002 // completed, see above
        GaveUp(Invite.Cancelled.Result);
#pragma warning restore xUnit1031, VSTHRD002
        return true;
    }
}
