using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Numbers that send a call on: an extension by its forwards, a phone by a 3xx. The new number is called here, with the rights of who sends the call on: its routes, its limits,
/// its number outside (RFC 3261 §8.1.3.4 leaves it to us; S1).
/// </summary>
internal sealed partial class Call
{
    private const int MaximumRedirections = 5;                    // numbers in one 3xx

    private RouteTarget? _forwardedTo;                            // the caller was sent to a conference room or the echo test

    /// <inheritdoc/>
    public CallParty Party => CallParty.Callee;

    /// <inheritdoc/>
    public IReadOnlyList<EdgeFlow> Busy => [_caller.Flow];

    /// <inheritdoc/>
    public void Forwarded(string by, string to) =>
        Invite.Progress(181, null, null, _caller.Carrier is null ? [ForwardTrail.CallInfo(by, to, _tenant.Domain)] : []);      // extensions are no carrier's business

    /// <summary>Calls an extension for somebody: its phones, or whom it sends its calls on to.</summary>
    /// <param name="target">The extension.</param>
    /// <param name="ringing">For whom.</param>
    /// <param name="trail">Who sent the call on to it.</param>
    public Onward CallExtension(RouteTarget.ToExtension target, IRinging ringing, params IReadOnlyList<ForwardHop> trail)
    {
        if (!target.OwnNumber && FollowForward(target.Number, ForwardReason.Always, ringing, trail) is { } always)
            return always;
        IReadOnlyList<PhoneAttempt> phones = AttemptsFor(target, ringing, trail);
        if (phones.Count > 0)
            return new Onward(phones, [], 0, target.RingTimeout);
        if (!target.OwnNumber && FollowForward(target.Number, ForwardReason.Unreachable, ringing, trail) is { } elsewhere)
            return elsewhere;
        // Nobody but the caller itself: it is on its own phone, so busy says it best.
        return Onward.Nobody(target.OwnNumber ? 486 : 480);
    }

    /// <summary>Calls the numbers that a phone's 3xx names.</summary>
    /// <returns>Whom that calls; where it is nobody, the status that stands for the 3xx.</returns>
    public Onward Forward(PhoneAttempt by)
    {
        CallLeg forwarder = by.Leg;
        Onward further = Onward.Nobody(480);
        foreach (SipUri uri in by.TakeRedirection().Where(uri => IsHere(uri, null, forwarder)).Take(MaximumRedirections))
        {
            string number = Router.DialledString(uri);
            further = further.And(SendOn(new ForwardHop(forwarder.Extension, ForwardReason.Phone), number, by.For, forwarder.ForwardedBy));
            if (further.Instead is not null)
                break;
        }
        return further;
    }

    /// <summary>A phone refuses: where it was the last one of its extension, or has spoken for all of them, that one's forward is followed.</summary>
    /// <returns>Whom that calls; null where nothing is sent on.</returns>
    public Onward? ForwardRefused(PhoneAttempt by, int status)
    {
        PhoneAttempt[] phones = [.. PhonesOf(by)];
        if (status < 600 && phones.Any(phone => phone is { Status: 0, IsStopped: false }))
            return null;
        int[] statuses = [.. phones.Where(phone => !phone.IsStopped && phone.Status != 0).Select(phone => phone.Status)];
        if (ReasonOf(statuses) is not { } reason || FollowForward(by.Leg.Extension, reason, by.For, by.Leg.ForwardedBy) is not { } onward)
            return null;
        foreach (PhoneAttempt phone in phones)
            phone.Stop(ReleaseCause.Sip(302, "Call forwarded"));
        return onward;
    }

    /// <summary>The ring time is over: the extensions whose phones still ring send the call on, where they have somewhere to.</summary>
    /// <returns>Whom that calls; null where nothing is sent on.</returns>
    public Onward? ForwardUnanswered(IRinging ringing)
    {
        Onward? further = null;
        foreach (PhoneAttempt phone in AllAttempts(ringing).Where(phone => phone is { Status: 0, IsStopped: false, Leg.Carrier: null }))
        {
            if (phone.IsStopped || FollowForward(phone.Leg.Extension, ForwardReason.NoAnswer, ringing, phone.Leg.ForwardedBy) is not { } onward)
                continue;
            foreach (PhoneAttempt other in PhonesOf(phone))
                other.Stop(ReleaseCause.NoAnswer);
            further = further?.And(onward) ?? onward;
        }
        return further;
    }

    /// <summary>Why the phones of an extension did not take a call; null where it is no reason to send it on.</summary>
    private static ForwardReason? ReasonOf(int[] statuses) =>
        statuses.Any(status => status is 603 or 607 or 608) ? ForwardReason.Declined
        : statuses.Any(status => status is 486 or 600) ? ForwardReason.Busy
        : statuses.Any(status => status is 480 or 403) ? ForwardReason.Declined        // the phone itself says it: do not disturb, or a user of GNOME Calls who declines
        : statuses.Length > 0 && statuses.All(status => status is 404 or 408 or 430) ? ForwardReason.Unreachable
        : null;

    private PhoneAttempt[] AllAttempts(IRinging ringing) => [.. _attempts.Where(attempt => ReferenceEquals(attempt.For, ringing))];

    /// <summary>The phones that ring, or rang, together with one: those of its extension, on the same way there.</summary>
    private IEnumerable<PhoneAttempt> PhonesOf(PhoneAttempt one) =>
        AllAttempts(one.For).Where(attempt => attempt.Leg.Carrier is null && attempt.Leg.Extension == one.Leg.Extension && attempt.Leg.ForwardedBy.SequenceEqual(one.Leg.ForwardedBy));

    /// <summary>Follows an extension's forward, once for whom it rings.</summary>
    /// <returns>Whom that calls, or why nobody; null where there is none to follow.</returns>
    private Onward? FollowForward(string extension, ForwardReason reason, IRinging ringing, IReadOnlyList<ForwardHop> trail)
    {
        if (_tenant.Configuration.Extensions.GetValueOrDefault(extension)?.Forwards.For(reason) is not { } target)
            return null;
        // The secretary calls the one whose calls go to the secretary.
        if (_caller.Carrier is null && target == _caller.Extension)
        {
            Record.Decide("forward-to-caller", $"{extension} → {target}");
            return null;
        }
        ForwardHop hop = new(extension, reason);
        bool isFollowed = AllAttempts(ringing).Any(attempt => Leads(attempt.Leg.ForwardedBy)) || _hunts.Exists(hunt => ReferenceEquals(hunt.For, ringing) && Leads(hunt.Trail));
        return isFollowed ? null : SendOn(hop, target, ringing, trail);

        bool Leads(IReadOnlyList<ForwardHop> way) => way.Count > trail.Count && way[trail.Count] == hop && way.Take(trail.Count).SequenceEqual(trail);
    }

    /// <summary>Calls a number in the place of who sends the call on.</summary>
    /// <param name="by">Who sends it on, and why.</param>
    /// <param name="number">To where: what that one would dial.</param>
    /// <param name="ringing">For whom it rings.</param>
    /// <param name="before">Who sent it on to that one.</param>
    private Onward SendOn(ForwardHop by, string number, IRinging ringing, IReadOnlyList<ForwardHop> before)
    {
        ForwardHop[] trail = [.. before, by];
        Record.Decide(by.Rule, $"{by.Number} → {number}");
        RoutePlan plan = Router.Forward(by.Number, number, _tenant.Configuration, _tenant.Calls.Conditions(by.Number), isOwnWord: by.Reason == ForwardReason.Phone);
        Record.Decide(plan.Steps.Skip(1));                        // the first one says what is dialled
        Onward onward = _tenant.News.Watch(plan, by.Number).Target switch
        {
            RouteTarget.ToExtension extension => ForwardInside(ringing, extension, trail),
            RouteTarget.ToTrunks trunks => ForwardOutside(by, ringing, trunks, trail),
            RouteTarget.ToConference conference => Onward.Nobody(480) with { Instead = conference },      // it answers at once: nobody else rings any more
            RouteTarget.ToEcho echo when by.Reason != ForwardReason.Phone => Onward.Nobody(480) with { Instead = echo },
            RouteTarget.Refused refused => Onward.Nobody(refused.Status),
            _ => Onward.Nobody(480),                              // a service of ours is no party
        };
        LogForwarded(Id.ToString(), by.Number, number, onward.Phones.Count + onward.Hunts.Count);
        if (onward.Any)
            ringing.Forwarded(by.Number, plan.Target switch { RouteTarget.ToExtension extension => extension.Number, RouteTarget.ToTrunks trunks => trunks.Number, _ => number });
        return onward;
    }

    private Onward ForwardInside(IRinging ringing, RouteTarget.ToExtension target, ForwardHop[] trail)
    {
        if (ForwardTrail.Refusal(trail, target.Number) is not 0 and var refusal)
            return Stray(refusal, target.Number);
        // §16.5: no target twice. Two phones of a number that both send the call on let the next one ring once, and the ways do not multiply.
        bool isCalled = AllAttempts(ringing).Any(attempt => attempt.Leg.Extension == target.Number);
        return isCalled ? Onward.Nobody(0) : CallExtension(target with { OwnNumber = false }, ringing, trail);
    }

    private Onward ForwardOutside(ForwardHop by, IRinging ringing, RouteTarget.ToTrunks target, ForwardHop[] trail)
    {
        int refusal = ForwardTrail.Refusal(trail, target.Number, WayBefore());
        // S13: a number outside that sends everything back here would be called again and again.
        if (refusal == 0 && _tenant.Calls.ForwardsTo(by.Number, target.Number) >= ForwardTrail.MaximumLength)
            refusal = 482;
        if (refusal != 0)
            return Stray(refusal, target.Number);
        bool isCalled = _hunts.Exists(hunt => ReferenceEquals(hunt.For, ringing) && hunt.Number == target.Number);
        return isCalled ? Onward.Nobody(0) : new Onward([], [BeginHunt(target, ringing, by.Number, trail)], 0, LongestRinging);
    }

    private Onward Stray(int status, string number)
    {
        Record.Decide(status == 482 ? "forward-loop" : "forward-too-long", number);
        return Onward.Nobody(status);
    }

    /// <summary>The phones of a number, each with a leg of its own, as far as the call's breadth lets them ring (RFC 5393 §5.3.3).</summary>
    /// <param name="target">The number.</param>
    /// <param name="ringing">For whom they ring.</param>
    /// <param name="trail">Who sent the call on to them.</param>
    public IReadOnlyList<PhoneAttempt> AttemptsFor(RouteTarget.ToExtension target, IRinging ringing, params IReadOnlyList<ForwardHop> trail)
    {
        IEnumerable<Binding> bindings = _tenant.Registrar.Find(target.Number);
        if (target.OwnNumber || trail.Count > 0 || !ReferenceEquals(ringing, this))
            bindings = bindings.Where(binding => !ringing.Busy.Any(flow => flow.Text == binding.FlowToken));
        int left = Math.Max(0, Breadth - _attempts.Count(attempt => attempt is { Status: 0, IsStopped: false }));
        PhoneAttempt[] phones = [.. bindings.Take(left).Select(binding => AttemptOn(binding, ringing, trail))];
        _attempts = [.. _attempts, .. phones];
        return phones;
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: {Forwarder} sends it on to {Number}, {Branches} are called")]
    private partial void LogForwarded(string callId, string forwarder, string number, int branches);
}
