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
    private bool _alerting;

    /// <summary>The party that asked, and makes place; null where the caller of a program's call waits for its callee.</summary>
    public CallLeg? Leaving => leaving;

    /// <summary>The party that is transferred.</summary>
    public CallLeg Staying => staying;

    /// <summary>Whether a phone's leg rings for it.</summary>
    public bool IsRinging(CallLeg leg) => _attempts.Exists(attempt => ReferenceEquals(attempt.Leg, leg) && attempt.IsPending);

    /// <summary>The party that came, its media agreed on.</summary>
    public CallLeg? Arrived { get; private set; }

    /// <summary>The conference room that the party that stays goes to, instead of somebody who comes.</summary>
    public ConfiguredConference? Room { get; private set; }

    /// <summary>The final status: 200 where somebody came; 0 until then.</summary>
    public int Status { get; private set; }

    /// <summary>Whether it is over, one way or the other.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether the party that asked hung up before the outcome, so that the other one hears the ringing.</summary>
    public bool HearsRinging { get; set; }

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
        RouteTarget.ToExtension extension => RingAsync(extension.RingTimeout, () => [.. RingPhones(extension).Select(RingingBranch.Of)]),
        RouteTarget.ToTrunks trunks => RingAsync(Call.LongestRinging, () => [RingingBranch.Of(call.BeginHunt(trunks, this, payer))]),
        RouteTarget.ToConference conference when leaving is not null => EnterAsync(conference.Room),
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
            StopOthers(Arrived is null ? ReleaseCause.NoAnswer : ReleaseCause.CompletedElsewhere);
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
        if (status == 180)
            Alerting();
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

    private IReadOnlyList<PhoneAttempt> RingPhones(RouteTarget.ToExtension target)
    {
        IReadOnlyList<PhoneAttempt> phones = call.AttemptsFor(target, this);
        _attempts.AddRange(phones);
        return phones;
    }

    /// <summary>The room answers at once, where it is on the call's media node; it asks the party for its PIN by itself.</summary>
    private async Task<int> EnterAsync(ConfiguredConference room)
    {
        if (!await call.IsBesideAsync(room))
            return 503;
        Room = room;
        return 200;
    }

    private async Task<int> RingAsync(TimeSpan limit, Func<List<RingingBranch>> begin)
    {
        List<RingingBranch> ringing = begin();
        if (ringing.Count == 0)
            return 480;
        List<int> refusals = [];
        Task timeout = tenant.DelayAsync(limit, out TimerHandle timer);
        while (ringing.Count > 0 && _winner is null)
        {
            Task done = await tenant.Scheduler.FirstOf([.. ringing.Select(branch => branch.End), timeout, _stopped.Task]);
            if (_winner is not null)
                break;
            if (done is not Task<int> refusal)
                return 480;
            RingingBranch refuses = ringing.Find(branch => ReferenceEquals(branch.End, refusal));
            ringing.Remove(refuses);
            int status = await refusal;
            if (status is >= 300 and < 400 && refuses.Phone is { Leg.Carrier: null } redirects)
            {
                (IReadOnlyList<RingingBranch> further, status) = call.Forward(redirects);
                _attempts.AddRange(further.Select(branch => branch.Phone).OfType<PhoneAttempt>());
                ringing.AddRange(further);
                if (further.Count > 0)
                    continue;
            }
            refusals.Add(refuses.Phone is null ? Carriers.CarrierAnswer.ForCaller(status) : status);
            if (status >= 600)
                break;                                            // RFC 3261 §16.7 step 5: a decline is meant for all
        }
        timer.Cancel();
        return _winner is { } winner ? await JoinAsync(winner) : ForkResult.Choose(refusals);
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
        int status = await call.InviteOverAsync(place, dialog, staying.Media);
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
