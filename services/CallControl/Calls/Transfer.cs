using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// A transfer: one party asks that another takes its place. Blind (RFC 5589 §6), the phones of a number ring, and the first answer wins; attended (§7), it is the party
/// that the one who asks has consulted in another call of ours. The call goes on as it was meanwhile, and when nobody comes.
/// Where a program makes a call, nobody leaves: the caller stays, and who comes is its callee.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class Transfer(Call call, TenantRuntime tenant, CallLeg? leaving, CallLeg staying, CallIdentity identity, ReferNotices? notices) : IRinging
{
    private readonly TaskCompletionSource<ReleaseCause> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PhoneAttempt> _attempts = [];
    private PhoneAttempt? _winner;
    private RouteTarget? _instead;                                // somebody sends the party to a conference room
    private bool _alerting;
    private PhoneAttempt? _heard;                                 // whose early media was agreed on last

    /// <summary>The party that asked, and makes place; null where the caller of a program's call waits for its callee.</summary>
    public CallLeg? Leaving => leaving;

    /// <summary>The party that is transferred.</summary>
    public CallLeg Staying => staying;

    /// <summary>Whom it is to go to: a number, or what stands for one.</summary>
    public string Number { get; init; } = "";

    /// <summary>Whether a phone's leg rings for it.</summary>
    public bool IsRinging(CallLeg leg) => _attempts.Exists(attempt => ReferenceEquals(attempt.Leg, leg) && attempt is { IsPending: true, IsStopped: false });

    /// <summary>The party that came, its media agreed on.</summary>
    public CallLeg? Arrived { get; private set; }

    /// <summary>The conference room that the party that stays goes to, instead of somebody who comes.</summary>
    public ConfiguredConference? Room { get; private set; }

    /// <summary>The final status: 200 where somebody came; 0 until then.</summary>
    public int Status { get; private set; }

    /// <summary>Why it failed, where who refused said so.</summary>
    public ReleaseCause? Cause { get; private set; }

    /// <summary>Whether it is over, one way or the other.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether the party that asked hung up before the outcome, so that the other one hears the ringing.</summary>
    public bool HearsRinging { get; set; }

    /// <summary>The leg whose early media the party that waits may hear; null while there is none.</summary>
    public LegId? EarlyMedia => _heard is { Status: 0, Leg.HasMedia: true } heard ? heard.Leg.Media : null;

    /// <inheritdoc/>
    public LegId? Like => staying.Media;

    /// <inheritdoc/>
    public CallIdentity Identity => identity;

    /// <summary>The whole of a blind transfer.</summary>
    /// <param name="target">Says where to.</param>
    /// <param name="payer">The extension whose rights and limits a call outside goes by.</param>
    public Task RunAsync(Func<Task<RouteTarget>> target, string payer) => RunAsync(async () => await CallAsync(await target(), payer));

    private Task<int> CallAsync(RouteTarget target, string payer) => target switch
    {
        RouteTarget.ToExtension extension => RingAsync(call.CallExtension(extension, this)),
        RouteTarget.ToTrunks trunks => RingAsync(new Onward([], [call.BeginHunt(trunks, this, payer)], 0, Call.LongestRinging)),
        RouteTarget.ToConference conference => EnterAsync(conference.Room),
        RouteTarget.Refused refused => Task.FromResult(refused.Status),
        _ => Task.FromResult(404),                                // a service of ours is no party
    };

    /// <summary>The whole of an attended transfer.</summary>
    /// <param name="consultation">The other call of the one who asks, and its leg there; null where there is none.</param>
    public Task JoinConsultedAsync((Call Call, CallLeg Leg)? consultation) => RunAsync(() =>
        consultation is { } other && !ReferenceEquals(other.Call, call) && other.Call.ConsultedBy(other.Leg) is { } consulted
            ? JoinConsultedAsync(other.Call, other.Leg, consulted)
            : Task.FromResult(481));                              // RFC 3891 §3

    /// <summary>The whole of a replacement that the newcomer asked for itself (RFC 3891): its INVITE stands for the party's own.</summary>
    /// <param name="place">Its leg in the call.</param>
    /// <param name="invite">Its INVITE.</param>
    public Task JoinReplacingAsync(CallLeg place, IncomingInvite invite) => RunAsync(async () =>
    {
        int status = await call.AnswerReplacingAsync(place, invite, staying.Media);
        if (status == 200)
            Arrived = place;
        return status;
    });

    private async Task RunAsync(Func<Task<int>> transfer)
    {
        int status = 500;
        try
        {
            notices?.Tell(100);
            status = await transfer();
        }
        finally
        {
            Status = status;
            IsDone = true;
            StopOthers(Arrived is not null ? ReleaseCause.CompletedElsewhere : status >= 600 ? ReleaseCause.RefusedElsewhere(status) : ReleaseCause.NoAnswer);
            notices?.Tell(status);
            call.TransferChanged();
        }
    }

    /// <inheritdoc/>
    public CallParty Party => leaving?.Party ?? CallParty.Callee;

    /// <inheritdoc/>
    public IReadOnlyList<EdgeFlow> Busy => leaving is null ? [staying.Flow] : [staying.Flow, leaving.Flow];

    /// <inheritdoc/>
    public void Forwarded(string by, string to) => notices?.Tell(181);

    /// <inheritdoc/>
    public void Alerting()
    {
        if (!_alerting)
            notices?.Tell(180);
        _alerting = true;
    }

    /// <inheritdoc/>
    public void Progressing(PhoneAttempt attempt, int status, bool hasMedia, string? answer)
    {
        if (hasMedia)
            tenant.Scheduler.Start(() => HearAsync(attempt, answer));
        if (status != 180)
            return;
        if (!hasMedia && _heard is { Status: not 0 })
        {
            _heard = null;                                        // the trunk that could be heard has failed, and this one only rings
            tenant.Scheduler.Start(() => call.LetHearProgressAsync(this));
        }
        Alerting();
    }

    /// <summary>A carrier lets hear something before its callee answers (RFC 3960): the party that waits hears that instead of our ringing.</summary>
    private async Task HearAsync(PhoneAttempt attempt, string? answer)
    {
        if (!await call.AgreeOnEarlyMediaAsync(attempt, answer) || _winner is not null || IsDone || attempt.Status != 0)
            return;
        _heard = attempt;
        await call.LetHearProgressAsync(this);
    }

    /// <inheritdoc/>
    public bool TryWin(PhoneAttempt attempt)
    {
        if (_winner is not null || IsDone || _stopped.Task.IsCompleted)
            return false;
        _winner = attempt;
        return true;
    }

    /// <summary>The party that was to be transferred is gone.</summary>
    public void Stop(ReleaseCause cause)
    {
        _stopped.TrySetResult(cause);
        StopOthers(cause);
    }

    /// <summary>The room answers at once, where the call's media is on its node or can go there; it asks the party for its PIN by itself.</summary>
    private async Task<int> EnterAsync(ConfiguredConference room)
    {
        if (!await call.GoBesideAsync(room))
            return 503;
        Room = room;
        return 200;
    }

    private async Task<int> RingAsync(Onward first)
    {
        List<RingingBranch> ringing = [];
        if (!GoesOnward(first, ringing))
            return 480;
        List<(int Status, ReleaseCause? Cause)> refusals = [];
        Task timeout = tenant.DelayAsync(first.RingTime, out TimerHandle timer);
        while (ringing.Count > 0 && _winner is null && _instead is null)
        {
            Task done = await tenant.Scheduler.FirstOf([.. ringing.Select(branch => branch.End), timeout, _stopped.Task]);
            if (_winner is not null)
                break;
            (Onward? onward, bool redirects, int status, ReleaseCause? cause) = (null, false, 480, null);
            if (done is Task<int> refusal)
            {
                RingingBranch refuses = ringing.Find(branch => ReferenceEquals(branch.End, refusal));
                ringing.Remove(refuses);
                (status, cause) = (await refusal, refuses.Cause);
                redirects = status is >= 300 and < 400;
                if (refuses.Phone is { Leg.Carrier: null, IsStopped: false } phone)
                    onward = redirects ? call.Forward(phone) : call.ForwardRefused(phone, status);
                else if (refuses.Phone is null)
                    status = Carriers.CarrierAnswer.ForCaller(status);
            }
            else if (ReferenceEquals(done, timeout) && !_stopped.Task.IsCompleted)
            {
                onward = call.ForwardUnanswered(this);
            }
            if (onward is not null && GoesOnward(onward, ringing))
            {
                if (!redirects)
                {
                    refusals.Clear();
                    timer.Cancel();
                    timeout = tenant.DelayAsync(onward.RingTime, out timer);
                }
                continue;
            }
            if (onward is { Status: not 0 })
                (status, cause) = (onward.Status, null);
            if (done is not Task<int>)
            {
                timer.Cancel();
                return status;
            }
            refusals.Add((status, cause));
            if (status >= 600)
                break;                                            // RFC 3261 §16.7 step 5: a decline is meant for all
        }
        timer.Cancel();
        return _winner is { } winner ? await JoinAsync(winner)
            : _instead is { } instead ? await GoInsteadAsync(instead)
            : Fail(refusals);
    }

    private int Fail(IReadOnlyList<(int Status, ReleaseCause? Cause)> refusals)
    {
        int chosen = ForkResult.Choose(refusals.Select(refusal => refusal.Status));
        Cause = refusals.FirstOrDefault(refusal => ForkResult.Choose([refusal.Status]) == chosen).Cause;
        return chosen;
    }

    /// <returns>Whether somebody rings now, or the party goes where nobody has to.</returns>
    private bool GoesOnward(Onward onward, List<RingingBranch> ringing)
    {
        ringing.RemoveAll(branch => branch.Phone is { IsStopped: true });
        _attempts.AddRange(onward.Phones);
        ringing.AddRange(onward.Begin());
        _instead = onward.Instead;
        return onward.Any || _instead is not null;
    }

    private Task<int> GoInsteadAsync(RouteTarget target)
    {
        StopOthers(ReleaseCause.CompletedElsewhere);
        return target is RouteTarget.ToConference conference ? EnterAsync(conference.Room) : Task.FromResult(480);      // the echo test is no party
    }

    private async Task<int> JoinAsync(PhoneAttempt winner)
    {
        StopOthers(ReleaseCause.CompletedElsewhere);
        LegDescription agreed = await call.AgreeWithPhoneAsync(winner);
        if (!agreed.Accepted || _stopped.Task.IsCompleted || winner.Leg.Dialog is not { IsEnded: false })
        {
            call.HangUp(winner.Leg, agreed.Accepted ? ReleaseCause.CallerGaveUp : ReleaseCause.Sip(488, agreed.Fault ?? ""));
            return agreed.Accepted ? 480 : 488;
        }
        Arrived = winner.Leg;
        return 200;
    }

    /// <summary>The phone keeps its dialog with us and agrees to media here: calls may live on different media nodes.</summary>
    private async Task<int> JoinConsultedAsync(Call other, CallLeg by, CallLeg consulted)
    {
        InviteDialog dialog = consulted.Dialog!;
        CallLeg place = call.PlaceFor(consulted, Party);
        int status = await call.InviteOverAsync(place, dialog, staying.Media, other.MediaStateOf(consulted));
        bool agreed = status == 200;
        if (agreed && !_stopped.Task.IsCompleted && other.ConsultedBy(by) == consulted && !dialog.IsEnded)
        {
            other.GiveAway(consulted, by);
            call.Attach(place, dialog);
            Arrived = place;
            return 200;
        }
        call.Drop(place);
        if (agreed && !dialog.IsEnded)
            other.TakeBack(consulted);
        return agreed ? 480 : status;
    }

    private void StopOthers(ReleaseCause cause)
    {
        foreach (PhoneAttempt attempt in _attempts)
            if (!ReferenceEquals(attempt, _winner))
                attempt.Stop(cause);
        call.StopHunts(this, _winner, cause);
    }
}
