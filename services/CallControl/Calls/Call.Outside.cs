using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>Calls over trunks: to a carrier, trunk by trunk and server by server, and from one.</summary>
internal sealed partial class Call
{
    /// <summary>As long as a proxy waits for a carrier's final response (RFC 3261 §16.6, timer C).</summary>
    private static readonly TimeSpan s_longestRinging = TimeSpan.FromMinutes(3);

    private const int MaximumTries = 32;                          // over all trunks: a caller does not wait for ever

    private readonly RoutePlan? _inbound;                         // decided when a carrier's INVITE came; null for a phone's

    /// <summary>A carrier's call.</summary>
    public Call(TenantRuntime tenant, WorkerServices worker, ServerTransaction transaction, CarrierCaller caller, EdgeFlow flow)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = worker.Loggers.CreateLogger<Call>();
        Id = CallId.New();
        _number = NumberOf(Id);
        _door = RouteAsync;
        Configuration = tenant.Configuration;
        _inbound = Router.RouteInbound(caller.Trunk, caller.Number, caller.Called, Configuration, tenant.Calls.Conditions(""));
        _caller = new CallLeg(Id, 0, CallParty.Caller, caller.Side, caller.Number, flow) { Terms = LegTerms.For(caller.Trunk.Profile) };
        _legs.Add(_caller);
        bool secure = transaction.Request.RequestUri.Scheme == SipScheme.Sips;
        _invite = tenant.Agents.Take(transaction, flow.ContactFor(TokenOf(_caller), secure), null, _caller.Terms.Reliable, _caller.Terms.Timer);
        Record = new CallRecord
        {
            Tenant = tenant.Tenant,
            Call = Id,
            CallerNumber = _inbound.CallerNumber ?? caller.Number,
            CallerName = caller.Name,
            CalledNumber = caller.Called,
            StartedAt = Now,
            Direction = CallDirection.Inbound,
            Trunk = caller.Trunk.Id,
            TrunkName = caller.Trunk.Name,
            TrunkNumber = caller.Called,
        };
        Telemetry = new CallTelemetry(worker, Record);
    }

    /// <summary>The trunk that the call occupies a channel of; null where it occupies none.</summary>
    public TrunkId? Channel => _caller.Carrier?.Trunk.Id ?? _callee?.Carrier?.Trunk.Id ?? (_attempts is [{ Leg.Carrier: { } carrier }] ? carrier.Trunk.Id : null);

    private async Task CallOutsideAsync(RouteTarget.ToTrunks target)
    {
        Record.Direction = CallDirection.Outbound;
        _tenant.Calls.OutsideBegins();
        if (!await ReceiveCallersOfferAsync())
            return;
        int status = 0;
        ReleaseCause? cause = null;
        foreach (TrunkAttempt next in target.Attempts)
        {
            // Others may have begun since the plan was made.
            if (!target.Emergency && next.Trunk.MaxChannels is { } most && _tenant.Calls.ChannelsOf(next.Trunk.Id) >= most)
                continue;
            (status, cause) = await CallByAsync(next);
            if (status == 200)
            {
                await TalkAsync();
                return;
            }
            if (Record.Status != 0)
                return;                                           // the caller has had its answer, or has gone
            if (_legs.Count > MaximumTries || !FailoverCauses.Include(target.FailoverOn, CarrierAnswer.IsServerFailure(status) ? 0 : status))
                break;                                            // I29: the callee's own answer ends the hunting
            LogFailsOver(Id.ToString(), next.Trunk.Name, status);
        }
        Record.ReleasedBy = CallParty.Callee;
        Refuse(CarrierAnswer.ForCaller(status), cause);
    }

    /// <summary>One trunk: its carrier's servers one after the other, until one of them says something (RFC 3263 §4.3).</summary>
    /// <returns>200 where the call stands; else the carrier's last word, 0 where it could not be reached.</returns>
    private async Task<(int Status, ReleaseCause? Cause)> CallByAsync(TrunkAttempt next)
    {
        Record.Trunk = next.Trunk.Id;
        Record.TrunkName = next.Trunk.Name;
        Record.TrunkNumber = next.CalledNumber;
        Record.TrunkStatus = null;
        NextHops places = await _tenant.Trunks.Flows.FindAsync(next.Trunk);
        (int status, ReleaseCause? cause) = (0, ReleaseCause.Sip(503, places.Fault ?? "No server"));
        foreach (NextHop place in places.Hops)
        {
            for (int connection = 1; connection <= 2; connection++)        // one that had ended is opened once more
            {
                (EdgeFlow? flow, string? fault) = await _tenant.Trunks.Flows.OpenAsync(next.Trunk, place);
                if (IsOver())
                    return (487, null);
                if (flow is null)
                {
                    (status, cause) = (0, ReleaseCause.Sip(503, fault ?? "No way to the server"));
                    break;
                }
                (status, cause) = await AskAsync(next, place, flow);
                if (status == 200 || Record.Status != 0)
                    return (status, cause);
                if (status != 430)
                    break;
            }
            Record.TrunkStatus = status is 430 ? 0 : status;
            if (!CarrierAnswer.IsServerFailure(status) || _legs.Count > MaximumTries)
                break;
        }
        Record.TrunkStatus ??= status;
        return (status, cause);
    }

    private async Task<(int Status, ReleaseCause? Cause)> AskAsync(TrunkAttempt next, NextHop place, EdgeFlow flow)
    {
        flow.Trace = Telemetry.Trace;
        CallLeg leg = new(Id, ++_lastLeg, CallParty.Callee, _tenant.Trunks.SideFor(next.Trunk, next.CallerNumber), next.CalledNumber, flow) { Terms = LegTerms.For(next.Trunk.Profile) };
        _legs.Add(leg);
        PhoneAttempt attempt = new(this, this, _tenant, _worker, leg, null);
        _attempts = [attempt];
        int status = 0;
        _ringsUntil = Now + s_longestRinging;
        _phase = CallPhase.Ringing;
        PhoneAttempt? answered = await RingAsync(s_longestRinging, refusal => status = refusal);
        _phase = CallPhase.SettingUp;
        if (answered is not null)
        {
            _worker.Down.Clear(place);
            Record.TrunkStatus = 200;
            return (await AnswerCallerAsync(answered) ? 200 : 487, null);
        }
        if (status is 408 or 503)
            _worker.Down.Mark(place, attempt.RetryAfter);
        else if (status != 0)
            _worker.Down.Clear(place);
        return (status, attempt.Cause);
    }

    // The caller gave up, or somebody ended the call, while we were not ringing anybody.
    private bool IsOver()
    {
        if (IsOverForCaller())
            return true;
        if (!_release.Task.IsCompletedSuccessfully)
            return false;
        Refuse(480, _release.Task.Result);
        return true;
    }

    private OutgoingInviteOptions CarrierInviteFor(CallLeg leg, string? offer, CallIdentity identity)
    {
        CarrierSide side = leg.Carrier ?? throw new InvalidOperationException("A leg without binding is a carrier's.");
        SipRequest request = Invite.Request;
        // Who calls is our configuration's word (S8); that the number is hidden is the caller's.
        bool hides = request.Headers.GetValues(SipHeaderName.Privacy).Any(value => !value.Equals("none", StringComparison.OrdinalIgnoreCase));
        CarrierInvite invite = new(side, leg.Extension, identity.Number, _tenant.Domain, hides);
        return invite.ToOptions(leg.Flow.ContactFor(TokenOf(leg), secure: false)) with
        {
            Body = offer is null ? null : MessageBody.Sdp(offer),
            Reliable = leg.Terms.Reliable,
            Timer = leg.Terms.Timer,
            MaxForwards = identity.MaxForwards,                   // S13
        };
    }

    /// <summary>A carrier's request in a dialog is believed where it comes from one of the carrier's addresses: its connections and ports may be others than before.</summary>
    private bool IsAdmittedFromCarrier(CallLeg leg, CarrierSide carrier, ServerTransaction transaction)
    {
        if (transaction.Flow is not EdgeFlow flow
            || (!flow.Remote.Address.Equals(leg.Flow.Remote.Address) && !_tenant.Trunks.IsTrusted(carrier.Trunk, flow.Remote.Address)))
        {
            _tenant.Respond(transaction, 403);
            return false;
        }
        // Its connection is the one that is there: ours may have ended.
        if (flow.IsReliable && leg.Flow.IsReliable)
        {
            leg.MoveTo(flow);
            Changed();
        }
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: trunk {Trunk} failed with {Status}, the next one is tried")]
    private partial void LogFailsOver(string callId, string trunk, int status);
}
