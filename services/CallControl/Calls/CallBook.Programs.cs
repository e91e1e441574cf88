using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;

namespace CloudPbx.CallControl.Calls;

/// <summary>Calls that programs make.</summary>
internal sealed partial class CallBook
{
    /// <summary>What a supervisor's record says was called: whom it heard is in the audit log, and no business of who was heard.</summary>
    private const string SupervisionNumber = "supervision";

    /// <summary>Makes a call for an extension, by its rights and limits. What can be said at once is said before a phone rings.</summary>
    public OriginateAnswer Originate(OriginateOrder order)
    {
        TenantConfiguration configuration = tenant.Configuration;
        if (FaultOf(order.From, out ConfiguredExtension? from) is { } fault)
            return new OriginateAnswer { Fault = fault };
        RoutePlan plan = tenant.News.Watch(Router.Route(order.From, order.To, configuration, Conditions(order.From)), order.From);
        if (plan.Target is RouteTarget.Refused)
        {
            string rule = plan.Steps[^1].Rule;
            return new OriginateAnswer { Fault = rule.StartsWith("limit-", StringComparison.Ordinal) ? OriginateFault.LimitReached : OriginateFault.Refused, Rule = rule };
        }
        string name = configuration.Extensions.TryGetValue(order.To, out ConfiguredExtension? called) ? called.DisplayName : "";
        return Begin(new Call(tenant, worker, new OriginateCall(from!, order.To, order.AnswerAfterSeconds, null), (order.To, name), plan));
    }

    /// <summary>Lets somebody hear a call.</summary>
    public OriginateAnswer Supervise(SuperviseOrder order)
    {
        if (!tenant.Configuration.AllowsSupervision)
            return new OriginateAnswer { Fault = OriginateFault.NotPermitted };
        if (Find(order.Call) is not { } call || call.Supervises is not null)
            return new OriginateAnswer { Fault = OriginateFault.NoCall };
        if (FaultOf(order.Supervisor, out ConfiguredExtension? from) is { } fault)
            return new OriginateAnswer { Fault = fault };
        if (!call.IsConversation)
            return new OriginateAnswer { Fault = OriginateFault.NotTalking };
        if (call.Activities().Any(leg => leg.Extension == order.Supervisor) || SupervisionsOf(order.Call).Any(known => known.Record.CallerNumber == order.Supervisor))
            return new OriginateAnswer { Fault = OriginateFault.InTheCall };
        Supervision supervision = new(order.Call, order.Party ?? call.Helped, order.Mode);
        string who = $"{call.Record.CallerNumber} - {call.Record.AnsweredBy}";
        return Begin(new Call(tenant, worker, new OriginateCall(from!, SupervisionNumber, order.AnswerAfterSeconds, supervision), (call.PartyOf(supervision.Party)?.Extension ?? "", who), null));
    }

    /// <summary>A call is over: nobody listens to it any more.</summary>
    public void EndSupervisionsOf(CallId call)
    {
        foreach (Call supervisor in SupervisionsOf(call))
            supervisor.Release(ReleaseCause.Normal);
    }

    /// <summary>The parties of a call are others now: who listened goes on.</summary>
    public async Task SuperviseAgainAsync(CallId call)
    {
        foreach (Call supervisor in SupervisionsOf(call))
            await supervisor.SuperviseAgainAsync();
    }

    /// <summary>Whether somebody listens to a call: not while that one's phone only rings.</summary>
    public bool IsSupervised(CallId call) => _calls.Values.Any(known => known.Supervises == call && known.IsTalking);

    private List<Call> SupervisionsOf(CallId call) => [.. _calls.Values.Where(known => known.Supervises == call)];

    private OriginateFault? FaultOf(string extension, out ConfiguredExtension? from)
    {
        from = tenant.Configuration.Extensions.GetValueOrDefault(extension);
        return tenant.IsEnding ? OriginateFault.Ending
            : from is null ? OriginateFault.UnknownExtension
            : tenant.Registrar.Find(extension).Count == 0 ? OriginateFault.NobodyRegistered
            : null;
    }

    private OriginateAnswer Begin(Call call)
    {
        Run(call);
        return new OriginateAnswer { Call = call.ToLiveCall() };
    }
}
