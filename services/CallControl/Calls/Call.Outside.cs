using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Ladders;
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
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>Calls over trunks: to a carrier, trunk by trunk and server by server, and from one.</summary>
internal sealed partial class Call
{
    /// <summary>As long as a proxy waits for a carrier's final response (RFC 3261 §16.6, timer C).</summary>
    public static readonly TimeSpan LongestRinging = TimeSpan.FromMinutes(3);

    private readonly List<TrunkHunt> _hunts = [];
    private readonly RoutePlan? _inbound;                         // decided when a carrier's INVITE came; null for a phone's

    /// <summary>A carrier's call.</summary>
    public Call(TenantRuntime tenant, WorkerServices worker, ServerTransaction transaction, CarrierCaller caller, EdgeFlow flow)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = tenant.Calls.LoggerOfCalls;
        Id = CallId.New();
        _number = NumberOf(Id);
        _door = RouteAsync;
        Configuration = tenant.Configuration;
        _inbound = Router.RouteInbound(caller.Trunk, caller.Number, caller.Called, Configuration, tenant.Calls.Conditions(""));
        _caller = new CallLeg(Id, 0, CallParty.Caller, caller.Side, caller.Number, flow) { Terms = LegTerms.For(caller.Trunk.Profile), ToneCountry = Configuration.ToneCountry };
        _legs.Add(_caller);
        bool secure = transaction.Request.RequestUri.Scheme == SipScheme.Sips;
        _invite = tenant.Agents.Take(transaction, flow.ContactFor(TokenOf(_caller), secure), null, _caller.Terms.Reliable, _caller.Terms.Timer, _caller.Terms.SessionInterval);
        _invite.OfferReceived = offer => _tenant.Scheduler.Start(() => AnswerEarlyOfferAsync(offer));
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
        Ladder = new CallLadder(tenant.Ladders, worker.Time, Record.StartedAt);
        Ladder.Add(_caller, transaction, Record.CalledNumber);
        Telemetry = new CallTelemetry(worker, Record);
    }

    /// <summary>Whether a carrier has or had a part in it: without one it has neither channels nor uses.</summary>
    public bool HasOutside => _hunts.Count > 0 || _legs.Exists(IsOutside);

    private static bool IsOutside(CallLeg leg) => leg.Carrier is not null || leg.Use is not null;

    private void Join(CallLeg leg)
    {
        _legs.Add(leg);
        if (IsOutside(leg))
            _tenant.Calls.GoesOutside(this);
    }

    /// <summary>A leg is about to have media: over a trunk it occupies a channel from now on.</summary>
    public void TakesMedia(CallLeg leg)
    {
        leg.HasMedia = true;
        if (IsOutside(leg))
            _tenant.Calls.GoesOutside(this);
    }

    /// <summary>The trunks that the call occupies channels of, one entry for each channel.</summary>
    public IEnumerable<TrunkId> Channels
    {
        get
        {
            foreach (CallLeg leg in _legs)
                if (leg.Carrier is { } carrier && (leg.HasMedia || ReferenceEquals(leg, _caller)))
                    yield return carrier.Trunk.Id;
        }
    }

    /// <summary>The calls to the outside that it is made of, each once.</summary>
    public IReadOnlyList<OutsideUse> OutsideUses
    {
        get
        {
            List<OutsideUse> uses = new(1);                       // nearly always; each new call asks
            foreach (TrunkHunt hunt in _hunts)
                if (hunt.IsRunning)
                    uses.Add(hunt.Use);
            foreach (CallLeg leg in _legs)
                if (leg is { HasMedia: true, Use: { } use } && !uses.Contains(use))
                    uses.Add(use);
            return uses;
        }
    }

    private async Task CallOutsideAsync(RouteTarget.ToTrunks target)
    {
        TrunkHunt hunt = BeginHunt(target, this, Record.CallerNumber);
        if (!await ReceiveCallersOfferAsync())
            return;
        if (Breadth == 0 && !target.Emergency)
        {
            Refuse(440, null);                                    // RFC 5393 §5.3.3.1
            return;
        }
        int status = 0;
        _ringsUntil = Now + LongestRinging;
        _phase = CallPhase.Ringing;
        PhoneAttempt? answered = await RingAsync(LongestRinging, refusal => status = refusal);
        _phase = CallPhase.SettingUp;
        if (answered is not null)
        {
            if (await AnswerCallerAsync(answered))
                await TalkAsync();
            return;
        }
        if (Record.Status != 0)
            return;                                               // the caller has had its answer, or has gone
        Record.ReleasedBy = CallParty.Callee;
        Refuse(CarrierAnswer.ForCaller(status), hunt.Cause);
    }

    /// <summary>Makes the call of a number outside; it counts from now on.</summary>
    /// <param name="target">The number and its trunks.</param>
    /// <param name="ringing">For whom.</param>
    /// <param name="payer">The extension whose rights and limits it goes by.</param>
    /// <param name="trail">The extensions that sent the call on.</param>
    public TrunkHunt BeginHunt(RouteTarget.ToTrunks target, IRinging ringing, string payer, params IReadOnlyList<ForwardHop> trail)
    {
        _tenant.Calls.OutsideBegins();
        TrunkHunt hunt = new(this, ringing, _tenant, _worker, target, new OutsideUse(payer, target.Dialled, target.Emergency, trail.Count > 0), trail);
        _hunts.Add(hunt);
        if (target.Emergency)
        {
            _caller.IsForHelp = true;                             // also where a phone sent the call on there
            _invite?.WaiveExpiry();
        }
        _tenant.Calls.GoesOutside(this);
        return hunt;
    }

    /// <summary>Stops the calls of numbers outside that are made for somebody.</summary>
    /// <param name="ringing">For whom.</param>
    /// <param name="winner">Who answered; its own goes on.</param>
    /// <param name="cause">Why.</param>
    public void StopHunts(IRinging ringing, PhoneAttempt? winner, ReleaseCause cause)
    {
        foreach (TrunkHunt hunt in _hunts)
            if (ReferenceEquals(hunt.For, ringing) && hunt.IsRunning && (winner is null || !hunt.Asks(winner)))
                hunt.Stop(cause);
    }

    /// <summary>A server of a carrier that is to be asked.</summary>
    /// <param name="next">The trunk.</param>
    /// <param name="flow">The way to the server.</param>
    /// <param name="ringing">For whom.</param>
    /// <param name="use">What counts.</param>
    /// <param name="trail">The extensions that sent the call on.</param>
    /// <param name="before">Which one was asked before and refused; null for none.</param>
    public PhoneAttempt AttemptBy(TrunkAttempt next, EdgeFlow flow, IRinging ringing, OutsideUse use, IReadOnlyList<ForwardHop> trail, PhoneAttempt? before)
    {
        flow.Trace = Telemetry.Trace;
        CallLeg leg = new(Id, ++_lastLeg, ringing.Party, SideFor(next, use, trail), next.CalledNumber, flow)
        {
            Terms = LegTerms.For(next.Trunk.Profile, _tenant.Trunks.LearnedOf(next.Trunk)),
            ToneCountry = Configuration.ToneCountry,
            Use = use,
            ForwardedBy = trail,
        };
        Join(leg);
        Ladder.Add(leg);
        PhoneAttempt attempt = new(this, ringing, _tenant, _worker, leg, null);
        if (ReferenceEquals(ringing, this))
            _attempts = [.. _attempts.Where(known => !ReferenceEquals(known, before)), attempt];
        return attempt;
    }

    // S8: a number of ours, but where the carrier lets the caller's pass because the way is told, and the caller does not hide it. Who comes to help calls back.
    private CarrierSide SideFor(TrunkAttempt next, OutsideUse use, IReadOnlyList<ForwardHop> trail)
    {
        CarrierSide side = _tenant.Trunks.SideFor(next.Trunk, next.CallerNumber);
        bool passes = next.Trunk.Profile.PassCaller && trail.Count > 0 && _inbound is not null && !use.IsEmergency && Record.CallerNumber.TrimStart('+') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit);
        return passes ? side with { CallerNumber = next.Trunk.Profile.Numbers.CallerOut.Rewrite(Record.CallerNumber, new RouteTrail(), "caller-rewrite"), ShowsCaller = true } : side;
    }

    /// <summary>A leg ends: what it cost goes into the record.</summary>
    private void CountOutside(CallLeg leg)
    {
        if (leg.Use is { } use && _tenant.Usage.Ended(use) is { } cost)
            Record.CostMicroUnits = (Record.CostMicroUnits ?? 0) + cost;
    }

    /// <summary>A trunk is tried: the record says by which one the call left last, unless it came by one.</summary>
    public void Tries(TrunkAttempt next)
    {
        if (!RecordsTrunk)
            return;
        Record.Direction = CallDirection.Outbound;
        Record.Trunk = next.Trunk.Id;
        Record.TrunkName = next.Trunk.Name;
        Record.TrunkNumber = next.CalledNumber;
        Record.TrunkStatus = null;
    }

    /// <summary>A trunk's server could not be asked.</summary>
    /// <param name="next">The trunk, and what was to be called there.</param>
    /// <param name="ringing">For whom.</param>
    /// <param name="why">Why.</param>
    public void Unreached(TrunkAttempt next, IRinging ringing, string why) => Ladder.Unreached(++_lastLeg, ringing.Party, next.Trunk.Name, next.CalledNumber, why);

    /// <summary>A carrier's final word.</summary>
    public void CarrierSaid(int status)
    {
        if (RecordsTrunk || Record.TrunkStatus is null)
            Record.TrunkStatus = status;
    }

    // A transfer changes no record of a call that was outside already.
    private bool RecordsTrunk => Record.Direction != CallDirection.Inbound && (Record.AnsweredAt is null || Record.Direction == CallDirection.Internal);

    private OutgoingInviteOptions CarrierInviteFor(CallLeg leg, string? offer, CallIdentity identity)
    {
        CarrierSide side = leg.Carrier ?? throw new InvalidOperationException("A leg without binding is a carrier's.");
        // Who calls is our configuration's word (S8); that the number is hidden is the caller's, where it is its own that would be shown.
        bool hides = leg.Use is null or { IsForwarded: false } && Record.AnsweredAt is null
            && _invite?.Request.Headers.GetValues(SipHeaderName.Privacy).Any(value => !value.Equals("none", StringComparison.OrdinalIgnoreCase)) == true;
        CarrierInvite invite = new(side, leg.Extension, leg.Use?.Payer ?? identity.Number, _tenant.Domain, hides)
        {
            Diverters = DivertersFor(leg, side),
            Received = leg.ForwardedBy.Count == 0 ? ReceivedWay.None : WayBefore(),
            Vouchers = side.ShowsCaller && _invite is { } came ? CallerAttestation.FieldsOf(came.Request) : [],
        };
        OutgoingInviteOptions options = invite.ToOptions(leg.Flow.ContactFor(TokenOf(leg), secure: false));
        CallerLocation? place = leg.Use is { IsEmergency: true } && _invite is { } asked ? CallerLocation.Of(asked.Request) : null;
        MessageBody? body = offer is null ? null : MessageBody.Sdp(offer);
        return options with
        {
            Headers = [.. options.Headers, .. BreadthFor(leg), .. place?.Fields ?? []],
            Body = place is null ? body : place.Beside(body),
            Reliable = leg.Terms.Reliable,
            ReliableIsLearned = leg.Terms.ReliableIsLearned,
            Timer = leg.Terms.Timer,
            SessionInterval = leg.Terms.SessionInterval,
            MaxForwards = Math.Max(0, identity.MaxForwards - leg.ForwardedBy.Count),      // S13
        };
    }

    /// <summary>The numbers that sent the call on, first one first, in the carrier's form: the number that was called from outside, else what each shows outside. Extensions are no carrier's business.</summary>
    private List<ForwardHop> DivertersFor(CallLeg leg, CarrierSide side)
    {
        List<ForwardHop> hops = [];
        foreach (ForwardHop hop in leg.ForwardedBy)
        {
            string? called = hops.Count == 0 ? _inbound?.Steps.FirstOrDefault(step => step.Rule == "did").Value : null;
            string? shown = called ?? new CallerNumbers(hop.Number, null, Configuration).For(side.Trunk, new RouteTrail());
            string? number = shown is null ? (side.ShowsCaller ? null : side.CallerNumber) : side.Trunk.Profile.Numbers.CallerOut.Rewrite(shown, new RouteTrail(), "caller-rewrite");
            if (number is not null && !hops.Exists(known => known.Number == number))
                hops.Add(hop with { Number = number });
        }
        return hops;
    }

    // I12: carriers want the whole way, and a carrier's word about it may be passed on to another one. A phone's is not believed (S8).
    private ReceivedWay WayBefore() =>
        _inbound is not null && _caller.Carrier is { } carrier && _invite is { } came ? ReceivedWay.Of(came.Request, Record.TrunkNumber ?? "", carrier.Trunk.Profile.Numbers.CalledIn) : ReceivedWay.None;

    /// <summary>Whether a request in a leg's early dialog comes from who is at the other end of it (SECURITY.md S11): by its flow, or from one of its carrier's addresses.</summary>
    public bool IsOfLeg(CallLeg leg, Flow flow) => leg.Flow.IsSame(flow) || (leg.Carrier is { } carrier && flow is EdgeFlow from && IsOfCarrier(leg, carrier, from));

    private bool IsOfCarrier(CallLeg leg, CarrierSide carrier, EdgeFlow flow) =>
        flow.Remote.Address.Equals(leg.Flow.Remote.Address) || _tenant.Trunks.IsTrusted(carrier.Trunk, flow);

    /// <summary>A carrier's request in a dialog is believed where it comes from one of the carrier's addresses: its connections and ports may be others than before.</summary>
    private bool IsAdmittedFromCarrier(CallLeg leg, CarrierSide carrier, ServerTransaction transaction)
    {
        if (transaction.Flow is not EdgeFlow flow || !IsOfCarrier(leg, carrier, flow))
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
}
