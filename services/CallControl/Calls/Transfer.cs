using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// A transfer: one party asks that another takes its place. Blind (RFC 5589 §6), the phones of a number ring, and the first answer wins; attended (§7), it is the party
/// that the one who asks has consulted in another call of ours. The call goes on as it was meanwhile, and when nobody comes.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class Transfer(Call call, TenantRuntime tenant, CallLeg leaving, CallLeg staying, CallIdentity identity, ReferNotices notices) : IRinging
{
    private readonly TaskCompletionSource<ReleaseCause> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PhoneAttempt> _attempts = [];
    private PhoneAttempt? _winner;
    private bool _alerting;

    /// <summary>The party that asked, and makes place.</summary>
    public CallLeg Leaving => leaving;

    /// <summary>The party that is transferred.</summary>
    public CallLeg Staying => staying;

    /// <summary>Whether a phone's leg rings for it.</summary>
    public bool IsRinging(CallLeg leg) => _attempts.Exists(attempt => ReferenceEquals(attempt.Leg, leg) && attempt.IsPending);

    /// <summary>The party that came, its media agreed on.</summary>
    public CallLeg? Arrived { get; private set; }

    /// <summary>Whether it is over, one way or the other.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether the party that asked hung up before the outcome, so that the other one hears the ringing.</summary>
    public bool HearsRinging { get; set; }

    /// <inheritdoc/>
    public LegId? Like => staying.Media;

    /// <inheritdoc/>
    public CallIdentity Identity => identity;

    /// <summary>The whole of a blind transfer.</summary>
    public Task RunAsync(RouteTarget target) => RunAsync(() => target switch
    {
        RouteTarget.ToExtension extension => RingAsync(extension),
        RouteTarget.Refused refused => Task.FromResult(refused.Status),
        _ => Task.FromResult(404),                                // a service of ours is no party
    });

    /// <summary>The whole of an attended transfer.</summary>
    /// <param name="consultation">The other call of the one who asks, and its leg there; null where there is none.</param>
    public Task JoinConsultedAsync((Call Call, CallLeg Leg)? consultation) => RunAsync(() =>
        consultation is { } other && !ReferenceEquals(other.Call, call) && other.Call.ConsultedBy(other.Leg) is { } consulted
            ? JoinConsultedAsync(other.Call, other.Leg, consulted)
            : Task.FromResult(481));                              // RFC 3891 §3

    private async Task RunAsync(Func<Task<int>> transfer)
    {
        int status = 500;
        try
        {
            notices.Tell(100);
            status = await transfer();
        }
        finally
        {
            IsDone = true;
            StopOthers(Arrived is null ? ReleaseCause.NoAnswer : ReleaseCause.CompletedElsewhere);
            notices.Tell(status);
            call.TransferChanged();
        }
    }

    /// <inheritdoc/>
    public CallParty Party => leaving.Party;

    /// <inheritdoc/>
    public IReadOnlyList<EdgeFlow> Busy => [staying.Flow, leaving.Flow];

    /// <inheritdoc/>
    public void Forwarded(string by, string to) => notices.Tell(181);

    /// <inheritdoc/>
    public void Alerting()
    {
        if (!_alerting)
            notices.Tell(180);
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

    private async Task<int> RingAsync(RouteTarget.ToExtension target)
    {
        _attempts.AddRange(call.AttemptsFor(target, this));
        if (_attempts.Count == 0)
            return 480;
        List<(Task<int> End, PhoneAttempt Phone)> ringing = [.. _attempts.Select(attempt => (attempt.RunAsync(), attempt))];
        List<int> refusals = [];
        Task timeout = tenant.DelayAsync(target.RingTimeout, out TimerHandle timer);
        while (ringing.Count > 0 && _winner is null)
        {
            Task done = await tenant.Scheduler.FirstOf([.. ringing.Select(phone => phone.End), timeout, _stopped.Task]);
            if (_winner is not null)
                break;
            if (done is not Task<int> refusal)
                return 480;
            PhoneAttempt refuses = ringing.Find(phone => ReferenceEquals(phone.End, refusal)).Phone;
            ringing.RemoveAll(phone => ReferenceEquals(phone.Phone, refuses));
            int status = await refusal;
            if (status is >= 300 and < 400)
            {
                (IReadOnlyList<PhoneAttempt> phones, status) = call.Forward(refuses);
                _attempts.AddRange(phones);
                ringing.AddRange(phones.Select(attempt => (attempt.RunAsync(), attempt)));
                if (phones.Count > 0)
                    continue;
            }
            refusals.Add(status);
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
        CallLeg place = call.PlaceFor(consulted, leaving.Party);
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
    }
}
