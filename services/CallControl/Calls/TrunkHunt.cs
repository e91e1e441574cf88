using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Resolution;

namespace CloudPbx.CallControl.Calls;

/// <summary>A number outside that is called for somebody: trunk by trunk, and of each the carrier's servers one after the other (RFC 3263 §4.3), until one of them says something.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TrunkHunt(
    Call call, IRinging ringing, TenantRuntime tenant, WorkerServices worker, RouteTarget.ToTrunks target, OutsideUse use, IReadOnlyList<ForwardHop> trail)
{
    private const int MaximumTries = 32;                          // over all trunks: a caller does not wait for ever

    private readonly ILogger<TrunkHunt> _logger = worker.Loggers.CreateLogger<TrunkHunt>();
    private PhoneAttempt? _current;
    private ReleaseCause? _stopped;
    private int _tries;
    private bool _wantsPeace;                                     // a server of the trunk said so
    private CarrierRefusal? _refusal;                             // why the trunk did not take the call

    /// <summary>For whom it calls.</summary>
    public IRinging For => ringing;

    /// <summary>What counts against the tenant's limits.</summary>
    public OutsideUse Use => use;

    /// <summary>The number that is called.</summary>
    public string Number => target.Number;

    /// <summary>Who sent the call on.</summary>
    public IReadOnlyList<ForwardHop> Trail => trail;

    /// <summary>Why the last carrier refused, where it said so.</summary>
    public ReleaseCause? Cause { get; private set; }

    /// <summary>Whether it still calls, or has not begun.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>Whether it waits for nothing but a carrier, so that another owner can go on waiting; that one tries no further trunk.</summary>
    public bool IsSteady => !IsRunning || _current is { Status: 0, IsSteady: true };

    /// <summary>Calls until one answers.</summary>
    /// <returns>200 when a carrier's callee answered and has the call; else the last carrier's word, 0 where none could be reached, 487 when it was stopped.</returns>
    public async Task<int> RunAsync()
    {
        int status = 0;
        string? by = null;
        call.TellOfHelp(use, "calling");
        try
        {
            foreach (TrunkAttempt next in target.Attempts)
            {
                // Others may have begun since the plan was made.
                if (!target.Emergency && !tenant.Calls.TryTakeChannel(next.Trunk))
                    continue;
                status = await CallByAsync(next);
                by = status == 200 ? next.Trunk.Name : null;
                if (status == 200 || _stopped is not null)
                    return status;
                if (_tries > MaximumTries || !FailoverCauses.Include(target.FailoverOn, CarrierAnswer.IsServerFailure(status) ? 0 : status))
                    break;                                        // I29: the callee's own answer ends the hunting
                LogFailsOver(call.Id.ToString(), next.Trunk.Name, status);
            }
            return status;
        }
        finally
        {
            IsRunning = false;
            call.TellOfHelp(use, by is not null ? "answered" : _stopped is not null ? "cancelled" : "failed", by, by is null ? status : 0);
        }
    }

    /// <summary>Whether that is the carrier's server that it asks now.</summary>
    public bool Asks(PhoneAttempt attempt) => ReferenceEquals(attempt, _current);

    /// <summary>Calls nobody any more.</summary>
    public void Stop(ReleaseCause cause)
    {
        _stopped ??= cause;
        _current?.Stop(cause);
    }

    private async Task<int> CallByAsync(TrunkAttempt next)
    {
        _refusal = null;
        int status = await AskServersAsync(next);
        if (_refusal is not null && _stopped is null)
            tenant.Trunks.CallFailed(next.Trunk, _refusal);
        return status;
    }

    private async Task<int> AskServersAsync(TrunkAttempt next)
    {
        call.Tries(next);
        NextHops places = await tenant.Trunks.Flows.FindAsync(next.Trunk);
        (int status, Cause) = (0, ReleaseCause.Sip(503, places.Fault ?? "No server"));
        _wantsPeace = false;
        if (places.Hops.Count == 0)
            Unreached(next, places.Fault ?? "No server");
        foreach (NextHop place in places.Hops)
        {
            for (int connection = 1; connection <= 2; connection++)        // one that had ended is opened once more
            {
                if (_stopped is not null)
                    return 487;
                (EdgeFlow? flow, string? fault) = await tenant.Trunks.Flows.OpenAsync(next.Trunk, place);
                if (_stopped is not null)
                    return 487;
                if (flow is null)
                {
                    (status, Cause) = (0, ReleaseCause.Sip(503, fault ?? "No way to the server"));
                    Unreached(next, fault ?? "No way to the server");
                    break;
                }
                status = await AskAsync(next, place, flow);
                if (status == 200 || _stopped is not null)
                    return status;
                if (status != 430)
                    break;
            }
            call.CarrierSaid(status is 430 ? 0 : status);
            if (!CarrierAnswer.IsServerFailure(status) || _tries > MaximumTries)
                break;
        }
        if (_wantsPeace && places.Hops.All(worker.Down.IsDown))
            tenant.Trunks.LeaveInPeace(next.Trunk, places.Hops);
        return status;
    }

    private void Unreached(TrunkAttempt next, string why)
    {
        call.Unreached(next, ringing, why);
        _refusal ??= new CarrierRefusal(0, why);
    }

    private async Task<int> AskAsync(TrunkAttempt next, NextHop place, EdgeFlow flow)
    {
        _tries++;
        PhoneAttempt attempt = call.AttemptBy(next, flow, ringing, use, trail, _current);
        _current = attempt;
        int status = await attempt.RunAsync();
        Cause = attempt.Cause;
        if (!attempt.WasAsked)
            return status;
        if (status == 200 || attempt.Rang || attempt.Refusal is { IsOfCallee: true })
        {
            tenant.Trunks.CallTaken(next.Trunk);
            _refusal = null;
        }
        else if (attempt.Refusal is { IsOfTrunk: true } refusal && (refusal.Status != 0 || _refusal is null))
        {
            _refusal = refusal;                                   // a carrier's own words tell more than that another of its servers is silent
        }
        if (status >= 200 && !CarrierAnswer.IsServerFailure(status) && _stopped is null)
            tenant.Trunks.Heard(next.Trunk.Id);
        if (status == 200)
        {
            worker.Down.Clear(place);
            call.CarrierSaid(200);
        }
        else if (_stopped is not null)
        {
            return status;
        }
        else if (status is 408 or 503)
        {
            worker.Down.Mark(place, attempt.RetryAfter);
            _wantsPeace |= attempt.RetryAfter is not null;
        }
        else if (status != 0)
        {
            worker.Down.Clear(place);
        }
        return status;
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: trunk {Trunk} failed with {Status}, the next one is tried")]
    private partial void LogFailsOver(string callId, string trunk, int status);
}
