using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>A phone that sends a call on by a 3xx: the new numbers are called here, with that phone's rights (RFC 3261 §8.1.3.4 leaves it to us).</summary>
internal sealed partial class Call
{
    private const int MaximumRedirections = 5;                    // numbers in one 3xx

    private ConfiguredConference? _forwardedTo;                   // a phone sent the caller to a conference room

    /// <inheritdoc/>
    public CallParty Party => CallParty.Callee;

    /// <inheritdoc/>
    public IReadOnlyList<EdgeFlow> Busy => [_caller.Flow];

    /// <inheritdoc/>
    public void Forwarded(string by, string to) =>
        Invite.Progress(181, null, null, _caller.Carrier is null ? [ForwardTrail.CallInfo(by, to, _tenant.Domain)] : []);      // extensions are no carrier's business

    /// <summary>Calls the numbers that a phone's 3xx names, with that phone's rights: its routes, its limits, its number outside (S1).</summary>
    /// <returns>Whom that calls; where it is nobody, the status that stands for the 3xx.</returns>
    public (IReadOnlyList<RingingBranch> Further, int Status) Forward(PhoneAttempt by)
    {
        CallLeg forwarder = by.Leg;
        string[] trail = [.. forwarder.ForwardedBy, forwarder.Extension];
        List<RingingBranch> further = [];
        int status = 480;
        foreach (SipUri uri in by.TakeRedirection().Where(uri => IsForwardable(uri, forwarder)).Take(MaximumRedirections))
        {
            string number = uri.Scheme == SipScheme.Tel ? Carriers.InboundNumbers.NumberOf(uri) : Router.DialledString(uri);
            RoutePlan plan = Router.Route(forwarder.Extension, number, _tenant.Configuration, _tenant.Calls.Conditions(forwarder.Extension) with { IsForward = true });
            RouteTarget target = _tenant.News.Watch(plan, forwarder.Extension).Target;
            (IReadOnlyList<RingingBranch> found, int refusal, string to) = target switch
            {
                RouteTarget.ToExtension extension => ForwardInside(by, extension, trail),
                RouteTarget.ToTrunks trunks => ForwardOutside(by, trunks, trail),
                RouteTarget.ToConference conference when ReferenceEquals(by.For, this) => ForwardIntoRoom(conference.Room),
                RouteTarget.Refused refused => ([], refused.Status, number),
                _ => ([], 480, number),                           // a service of ours is no party
            };
            LogForwarded(Id.ToString(), forwarder.Extension, to, found.Count);
            if (refusal != 0)
                status = refusal;
            else if (found.Count > 0)
                by.For.Forwarded(forwarder.Extension, to);
            further.AddRange(found);
        }
        return (further, status);
    }

    // S17: no relay to other domains. A telephone number belongs to nobody's domain.
    private bool IsForwardable(SipUri uri, CallLeg forwarder) => uri.Scheme == SipScheme.Tel || (uri.IsSip && IsOurs(uri.Host, null, forwarder));

    private (IReadOnlyList<RingingBranch> Found, int Refusal, string To) ForwardInside(PhoneAttempt by, RouteTarget.ToExtension target, string[] trail)
    {
        int refusal = ForwardTrail.Refusal(trail, target.Number);
        // §16.5: no target twice. Two phones of a number that both send the call on let the next one ring once, and the ways do not multiply.
        bool isCalled = _attempts.Any(attempt => ReferenceEquals(attempt.For, by.For) && attempt.Leg.Extension == target.Number);
        return (refusal == 0 && !isCalled ? [.. AttemptsFor(target, by.For, trail).Select(RingingBranch.Of)] : [], refusal, target.Number);
    }

    /// <summary>A room answers at once: the caller goes there, and nobody else rings any more.</summary>
    private (IReadOnlyList<RingingBranch> Found, int Refusal, string To) ForwardIntoRoom(ConfiguredConference room)
    {
        _forwardedTo ??= room;
        return ([], 480, room.Number);                            // nobody rings there
    }

    private (IReadOnlyList<RingingBranch> Found, int Refusal, string To) ForwardOutside(PhoneAttempt by, RouteTarget.ToTrunks target, string[] trail)
    {
        int refusal = ForwardTrail.Refusal([.. trail, .. ReceivedDiversions()], target.Number);
        // S13: a number outside that sends everything back here would be called again and again.
        if (refusal == 0 && _tenant.Calls.ForwardsTo(by.Leg.Extension, target.Number) >= ForwardTrail.MaximumLength)
            refusal = 482;
        bool isCalled = _hunts.Exists(hunt => ReferenceEquals(hunt.For, by.For) && hunt.Number == target.Number);
        return (refusal == 0 && !isCalled ? [RingingBranch.Of(BeginHunt(target, by.For, by.Leg.Extension, trail))] : [], refusal, target.Number);
    }

    /// <summary>The phones of a number, each with a leg of its own, as far as the call's breadth lets them ring (RFC 5393 §5.3.3).</summary>
    /// <param name="target">The number.</param>
    /// <param name="ringing">For whom they ring.</param>
    /// <param name="trail">Who sent the call on to them.</param>
    public IReadOnlyList<PhoneAttempt> AttemptsFor(RouteTarget.ToExtension target, IRinging ringing, params IReadOnlyList<string> trail)
    {
        IEnumerable<Binding> bindings = _tenant.Registrar.Find(target.Number);
        if (target.OwnNumber || trail.Count > 0 || !ReferenceEquals(ringing, this))
            bindings = bindings.Where(binding => !ringing.Busy.Any(flow => flow.Text == binding.FlowToken));
        int left = Math.Max(0, Breadth - _attempts.Count(attempt => attempt.Status == 0));
        PhoneAttempt[] phones = [.. bindings.Take(left).Select(binding => AttemptOn(binding, ringing, trail))];
        _attempts = [.. _attempts, .. phones];
        return phones;
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: {Forwarder} sends it on to {Number}, {Branches} are called")]
    private partial void LogForwarded(string callId, string forwarder, string number, int branches);
}
