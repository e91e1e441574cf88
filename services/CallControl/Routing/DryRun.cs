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
    /// <param name="conditions">Which trunks are down.</param>
    /// <returns>The answer, or null where the tenant has no such trunk.</returns>
    public static RouteAnswer? Answer(string from, string to, string? trunk, TenantConfiguration configuration, RouteConditions conditions)
    {
        if (trunk is null)
            return Explain(Router.Route(from, to, configuration, conditions));
        TrunkSettings? settings = configuration.Trunks.Values.FirstOrDefault(t => t.Name == trunk);
        return settings is null ? null : Explain(Router.RouteInbound(settings, from, to, configuration));
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
