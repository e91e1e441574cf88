using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Ladders;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>How a call survives its owner: what it writes down, and how the next owner enters it.</summary>
internal sealed partial class Call
{
    private static readonly TimeSpan s_attachRetry = TimeSpan.FromSeconds(2);

    private CallPhase _phase = CallPhase.SettingUp;
    private int _negotiations;                                    // offers and answers that wait for the media node

    /// <summary>A call that another owner of the tenant began. Its dialogs and transactions are known from here on; <see cref="RunAsync"/> does the rest.</summary>
    /// <exception cref="ArgumentException">The snapshot is malformed: nobody of ours wrote it.</exception>
    public Call(TenantRuntime tenant, WorkerServices worker, CallId id, CallSnapshot snapshot)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = tenant.Calls.LoggerOfCalls;
        Id = id;
        _number = NumberOf(id);
        Configuration = tenant.Configuration;
        Record = snapshot.Record!;
        Telemetry = new CallTelemetry(worker, Record, isRestored: true);
        Ladder = new CallLadder(tenant.Ladders, worker.Time, Record.StartedAt);
        Ladder.Continue(snapshot.Ladder, isWhole: snapshot.IsHandedOver);
        foreach (LegSnapshot leg in snapshot.Legs)
        {
            EdgeFlow flow = EdgeFlow.Restore(tenant.Edges, tenant.Tenant, leg.FlowToken)
                ?? throw new ArgumentException("A leg's flow token is none.", nameof(snapshot));
            _legs.Add(new CallLeg(id, leg, flow, leg.Trunk is { } trunk ? tenant.Trunks.Restore(trunk, leg.Account, leg.ShownNumber) : null) { ToneCountry = Configuration.ToneCountry });
            Ladder.Adopt(_legs[^1], leg.Dialog?.Dialog.CallId, leg.Dialog is { Dialog.IsCaller: true });
        }
        _caller = _legs[0];
        _lastLeg = _legs.Max(leg => leg.Number);
        _callee = snapshot.Callee is { } number ? LegOf(number) : null;
        _isRestored = true;
        _supervision = snapshot.Supervision;
        if (snapshot.Conference is { } conference)
            RestoreRoom(conference, snapshot.IsModerator, snapshot.IsMuted, snapshot.IsRoomLocked);
        if (snapshot.Waiting is { } waiting)
        {
            _invite = tenant.Agents.Restore(waiting.Invite, _caller.Flow);
            _invite.OfferReceived = offer => _tenant.Scheduler.Start(() => AnswerEarlyOfferAsync(offer));
            Ladder.Resume(_caller, new LadderKey(_invite.DialogId.CallId, IsOurs: false));
            _alerting = waiting.Alerting;
            _ringsUntil = waiting.RingsUntil;
        }
        foreach (LegSnapshot leg in snapshot.Legs)
            if (leg.Dialog is { } dialog)
                Restore(LegOf(leg.Number), dialog, snapshot.IsHandedOver);
        _attempts = [.. snapshot.Attempts.Select(attempt => Restore(attempt, snapshot.IsHandedOver)).OfType<PhoneAttempt>()];
        _heard = Array.Find(_attempts, attempt => attempt.Leg.Number == snapshot.Waiting?.Heard);
        _earlyOfferLike = snapshot.Waiting?.OfferLike is { } like ? _legs.Find(leg => leg.Number == like)?.Media : null;
        _door = snapshot switch
        {
            { Phase: CallPhase.Talking } when _caller.Dialog is not null && _callee is not { Dialog: null } => GoOnTalkingAsync,
            { Phase: CallPhase.Ringing, IsHandedOver: true } when _invite is not null => GoOnRingingAsync,
            _ => EndLostAsync,
        };
    }

    /// <summary>Whether the call waits for its phones and its timers only, so that another owner can enter it where it stands.</summary>
    public bool IsSteady => _negotiations == 0 && _passing == 0 && _transfer is null && !_release.Task.IsCompleted && _phase switch
    {
        CallPhase.Talking => !_caller.Dialog!.IsEnded && _callee is not { Dialog.IsEnded: true },
        CallPhase.Ringing => _winner is null && Invite.IsPending && Array.TrueForAll(_attempts, attempt => attempt.IsSteady) && _hunts.TrueForAll(hunt => hunt.IsSteady),
        _ => false,
    };

    /// <summary>Whether the next owner could go on with it as it stands, be it with something lost: a transfer that is under way.</summary>
    public bool Survives => IsSteady || (_phase == CallPhase.Talking && !_seeks);

    /// <summary>The next owner has to know: something is not as it was written last.</summary>
    /// <param name="atOnce">Whether the owner's death from here on must find it written: others wait for what becomes of it, or it was answered.</param>
    public void Changed(bool atOnce = false)
    {
        _tenant.Snapshots.Changed(Id, atOnce);
        _tenant.Live.Changed(Id);
    }

    /// <summary>
    /// Who is called said something on the way to its answer. An owner that the call is handed to wants to know, and everything is written for it then; who finds it after a kill ends what rings, whatever was said.
    /// </summary>
    public void Progressed() => _tenant.Live.Changed(Id);

    /// <summary>What the next owner needs.</summary>
    /// <param name="isComplete">Whether it is handed over, and this the last one: the ladder goes with it. Before that it would be half of what is written on each change, and what a worker's death costs is a picture.</param>
    public CallSnapshot ToSnapshot(bool isComplete = false)
    {
        bool waits = _invite is { IsPending: true };
        List<AttemptSnapshot> attempts = [];
        foreach (PhoneAttempt attempt in _attempts)
            if (attempt.IsPending || (waits && attempt.Status != 0))
                attempts.Add(attempt.ToSnapshot());
        List<LegSnapshot> legs = new(_legs.Count);
        foreach (CallLeg leg in _legs)
            if (IsOfUse(leg, attempts))
                legs.Add(leg.ToSnapshot());
        return new CallSnapshot
        {
            Phase = Survives ? _phase : CallPhase.SettingUp,
            IsHandedOver = isComplete,
            Record = Record,
            Legs = legs,
            Callee = _callee?.Number,
            Conference = _room?.Id,
            IsModerator = _isModerator,
            IsMuted = _isMuted,
            IsRoomLocked = _room is { } room && _tenant.Calls.Rooms.IsLocked(room.Id),
            Supervision = _supervision,
            Waiting = waits ? new WaitingSnapshot
            {
                Invite = _invite!.ToState(),
                Alerting = _alerting,
                RingsUntil = _ringsUntil,
                Heard = _heard?.Leg.Number,
                OfferLike = _earlyOfferLike?.Leg,
            } : null,
            Attempts = attempts,
            Ladder = isComplete ? Ladder.SoFar() : null,
        };
    }

    private bool IsOfUse(CallLeg leg, List<AttemptSnapshot> attempts) =>
        ReferenceEquals(leg, _caller) || ReferenceEquals(leg, _callee) || leg.HasMedia || leg.Dialog is { IsEnded: false }
        || attempts.Exists(attempt => attempt.Leg == leg.Number);

    private CallLeg LegOf(int number) => _legs.Find(leg => leg.Number == number) ?? throw new ArgumentException("There is no such leg.", nameof(number));

    private void Restore(CallLeg leg, InviteDialogState state, bool isComplete)
    {
        // Only what we called may be challenged (S4); after a transfer either party may be that.
        InviteDialog dialog = _tenant.Agents.Restore(
            isComplete ? state : state with { Dialog = state.Dialog.AfterLoss() }, leg.Flow, state.Dialog.IsCaller ? leg.Carrier?.Authentication : null);
        Attach(leg, dialog);
        if (dialog.OpenOffer is { } acknowledged)
            ReceiveLateAnswer(leg, acknowledged);
    }

    private PhoneAttempt? Restore(AttemptSnapshot snapshot, bool isComplete)
    {
        CallLeg leg = LegOf(snapshot.Leg);
        if (leg.Binding is null && leg.Carrier is null)
            return null;                                          // no phone rings without a binding, no carrier without its trunk
        PhoneAttempt attempt = new(this, this, _tenant, _worker, leg, leg.Binding);
        attempt.Resume(snapshot, isComplete);
        if (attempt.CallId is { } callId)
            Ladder.Resume(leg, new LadderKey(callId, IsOurs: true));
        return attempt;
    }

    private async Task GoOnTalkingAsync()
    {
        StopOthers(ReleaseCause.CompletedElsewhere);
        _tenant.Scheduler.Start(AttachMediaAsync);
        _tenant.Scheduler.Post(CheckSupervision);                 // once all calls are known
        await TalkAsync();
    }

    private async Task GoOnRingingAsync()
    {
        _tenant.Scheduler.Start(AttachMediaAsync);
        GoOnWithEarlyOffer();
        Changed();                                                // it is ours now, and no longer as it was handed over
        await RingUntilAsync(_ringsUntil ?? Now);
    }

    /// <summary>Its owner died while it was set up. What the phones did meanwhile is not known, so nobody may be left ringing or waiting.</summary>
    private Task EndLostAsync()
    {
        foreach (PhoneAttempt attempt in _attempts)
        {
            if (attempt.Leg.Use is { } use)
                TellOfHelp(use, "failed", status: 500);
        }
        if (Record.AnsweredAt is null)
            Refuse(500, ReleaseCause.OwnerLost);
        else
            Record.Cause ??= ReleaseCause.OwnerLost;
        foreach (PhoneAttempt attempt in _attempts)
            attempt.Stop(ReleaseCause.OwnerLost);
        foreach (CallLeg leg in _legs)
            HangUp(leg, ReleaseCause.OwnerLost);
        return Task.CompletedTask;
    }

    /// <summary>The media node keeps the session for whoever comes next; from now on it reports to us. A node that has lost it has lost the call.</summary>
    private async Task AttachMediaAsync()
    {
        while (!_over.IsCancellationRequested && _legs.Exists(leg => leg.HasMedia))
        {
            AttachOutcome outcome = await Media.AttachAsync(Id, CancellationToken.None);
            if (outcome == AttachOutcome.Unknown)
                MediaLost();
            if (outcome == AttachOutcome.Attached && _room is { } room)
                await GoOnInRoomAsync(room);
            if (outcome != AttachOutcome.Away)
                return;
            await _tenant.DelayAsync(s_attachRetry, out _);
        }
    }

    /// <summary>Agrees on the leg's media once more: a re-INVITE that our predecessor sent was answered, and what it agreed on went with it; or the session timer wants a refresh.</summary>
    private Task RepairAsync(CallLeg leg) => RepairAsync(leg, PolicyOf(leg));

    private async Task RepairAsync(CallLeg leg, LegPolicy policy)
    {
        LegDescription offer = await Media.OfferAsync(leg.Media, policy, Partner(leg)?.Media, CancellationToken.None);
        if (leg.Dialog is not { IsEnded: false } dialog)
            return;
        ReinviteOutcome? outcome = offer.Accepted ? await dialog.ReinviteAsync(MessageBody.Sdp(offer.LocalSdp!)) : null;
        if (_over.IsCancellationRequested)
            return;
        if (policy.DecodableOnly && IsOfCodec(offer, outcome))
        {
            await RepairAsync(leg, leg.Policy);                   // a refresh in any codec is better than none
            return;
        }
        if (outcome is not { IsAccepted: true, Body: { IsSdp: true } answer })
            return;
        LegDescription agreed = await ReceiveAnswerAsync(leg, answer.Text, CancellationToken.None);
        if (!agreed.Accepted)
            LogBadAnswer(Id.ToString(), leg.Number, agreed.Fault ?? "");
    }
}
