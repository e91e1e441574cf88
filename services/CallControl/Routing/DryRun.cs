using CloudPbx.CallControl.Calls;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;

namespace CloudPbx.CallControl.Routing;

/// <summary>Asks the router what a call would do, and calls nobody.</summary>
internal static class DryRun
{
    /// <summary>Answers for a call from an extension, or from outside by a trunk.</summary>
    /// <param name="from">The extension, or the caller's number as the carrier writes it.</param>
    /// <param name="to">What is dialled, or the called number as the carrier writes it.</param>
    /// <param name="trunk">Name of the trunk that the call comes by; null: it comes from the extension.</param>
    /// <param name="configuration">The tenant.</param>
    /// <param name="conditions">What is in use now, by who calls; empty: somebody outside.</param>
    /// <returns>The answer, or null where the tenant has no such trunk.</returns>
    public static RouteAnswer? Answer(string from, string to, string? trunk, TenantConfiguration configuration, Func<string, RouteConditions> conditions)
    {
        if (trunk is null)
            return Explain(WithForwards(Router.Route(from, to, configuration, conditions(from)), from, configuration, conditions));
        TrunkSettings? settings = configuration.Trunks.Values.FirstOrDefault(t => t.Name == trunk);
        return settings is null ? null : Explain(WithForwards(Router.RouteInbound(settings, from, to, configuration, conditions("")), null, configuration, conditions));
    }

    /// <summary>The plan with the forwards of the extensions that it comes to: the unconditional ones followed, the others told of, since they depend on what the phones say.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="caller">The extension that calls, which no call is forwarded to; null: it comes from outside.</param>
    /// <param name="configuration">The tenant.</param>
    /// <param name="conditions">What is in use now, by who calls.</param>
    private static RoutePlan WithForwards(RoutePlan plan, string? caller, TenantConfiguration configuration, Func<string, RouteConditions> conditions)
    {
        List<RouteStep> steps = [.. plan.Steps];
        List<ForwardHop> hops = [];
        RouteTarget target = plan.Target;
        while (target is RouteTarget.ToExtension { OwnNumber: false } at && configuration.Extensions.GetValueOrDefault(at.Number) is { } extension)
        {
            if (ForwardTrail.Refusal(hops, at.Number) is not 0 and var status)
            {
                steps.Add(new RouteStep(status == 482 ? "forward-loop" : "forward-too-long", at.Number));
                target = new RouteTarget.Refused(status);
                break;
            }
            if (extension.Forwards.Always is { } always && always != caller)
            {
                hops.Add(new ForwardHop(at.Number, ForwardReason.Always));
                RoutePlan next = Router.Forward(at.Number, always, configuration, conditions(at.Number), isOwnWord: false);
                steps.Add(new RouteStep(ForwardTrail.RuleOf(ForwardReason.Always), $"{at.Number} → {always}"));
                steps.AddRange(next.Steps.Skip(1));
                target = next.Target;
                continue;
            }
            foreach (ForwardReason reason in (ForwardReason[])[ForwardReason.Busy, ForwardReason.NoAnswer, ForwardReason.Unreachable, ForwardReason.Declined])
            {
                if (extension.Forwards.For(reason) is not { } elsewhere || elsewhere == caller)
                    continue;
                steps.Add(new RouteStep("if-" + ForwardTrail.RuleOf(reason)["forward-".Length..], $"{at.Number} → {elsewhere}"));
                if (Router.Forward(at.Number, elsewhere, configuration, conditions(at.Number), isOwnWord: false) is { Target: RouteTarget.Refused, Steps: [.., var why] })
                    steps.Add(why);
            }
            break;
        }
        return plan with { Target = target, Steps = steps };
    }

    private static RouteAnswer Explain(RoutePlan plan)
    {
        RouteTarget.ToTrunks? outside = plan.Target as RouteTarget.ToTrunks;
        return new RouteAnswer
        {
            Steps = [.. plan.Steps.Select(step => new RouteAnswerStep(step.Rule, step.Value))],
            Status = plan.Target is RouteTarget.Refused refused ? refused.Status : 0,
            Extension = plan.Target is RouteTarget.ToExtension extension ? extension.Number : null,
            Conference = plan.Target is RouteTarget.ToConference conference ? conference.Room.Number : null,
            Trunks = [.. (outside?.Attempts ?? []).Select(attempt => new RouteAnswerTrunk(attempt.Trunk.Name, attempt.CalledNumber, attempt.CallerNumber))],
            FailoverOn = outside?.FailoverOn ?? [],
            Emergency = outside?.Emergency ?? false,
            CallerNumber = plan.CallerNumber,
        };
    }
}
