using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>A blind transfer (RFC 5589 §6): one party asks that another number takes its place, its phones ring, the first answer wins. The call goes on as it was meanwhile, and when nobody answers.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class Transfer(Call call, TenantRuntime tenant, CallLeg leaving, CallLeg staying, CallIdentity identity, ReferNotices notices) : IRinging
{
    private readonly TaskCompletionSource<ReleaseCause> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PhoneAttempt[] _attempts = [];
    private PhoneAttempt? _winner;
    private bool _alerting;

    /// <summary>The party that asked, and makes place.</summary>
    public CallLeg Leaving => leaving;

    /// <summary>The party that is transferred.</summary>
    public CallLeg Staying => staying;

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

    /// <summary>The whole transfer.</summary>
    public async Task RunAsync(RouteTarget target, TimeSpan? limit = null)
    {
        int status = 500;
        try
        {
            notices.Tell(100);
            status = target switch
            {
                RouteTarget.ToExtension extension => await RingAsync(extension, limit ?? extension.RingTimeout),
                RouteTarget.Refused refused => refused.Status,
                _ => 404,                                         // a service of ours is no party
            };
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
    public void Alerting()
    {
        if (!_alerting)
            notices.Tell(180);
        _alerting = true;
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

    private async Task<int> RingAsync(RouteTarget.ToExtension target, TimeSpan limit)
    {
        _attempts = call.AttemptsFor(target, this, leaving.Party, staying.Flow, leaving.Flow);
        if (_attempts.Length == 0)
            return 480;
        List<Task<int>> ringing = [.. _attempts.Select(attempt => attempt.RunAsync())];
        List<int> refusals = [];
        Task timeout = tenant.DelayAsync(limit, out TimerHandle timer);
        while (ringing.Count > 0 && _winner is null)
        {
            Task done = await tenant.Scheduler.FirstOf([.. ringing, timeout, _stopped.Task]);
            if (_winner is not null)
                break;
            if (done is not Task<int> refusal)
                return 480;
            ringing.Remove(refusal);
            refusals.Add(await refusal);
            if (refusals[^1] >= 600)
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

    private void StopOthers(ReleaseCause cause)
    {
        foreach (PhoneAttempt attempt in _attempts)
            if (!ReferenceEquals(attempt, _winner))
                attempt.Stop(cause);
    }
}
