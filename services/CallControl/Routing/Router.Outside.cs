using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Routing;

/// <summary>Calls from phones to numbers outside.</summary>
internal static partial class Router
{
    private static RoutePlan RouteOutside(string caller, string dialled, TenantConfiguration configuration, RouteConditions conditions, RouteTrail trail)
    {
        if (configuration.Routes.IsEmpty || OutsideNumber(dialled, configuration.Outside.OutsidePrefix) is not { } number)
            return trail.Refuse(404, "unknown-number", dialled);
        if (number != dialled)
            trail.Add("outside-prefix", $"{configuration.Outside.OutsidePrefix} leaves {number}");
        if (!IsNumber(number))
            return trail.Refuse(484, "not-a-number", number);
        if (configuration.Numbers.TryGetValue(number, out TenantNumber? own) && own.Extension is { } inside && configuration.Extensions.TryGetValue(inside, out ConfiguredExtension? extension))
        {
            trail.Add("own-did", number);                       // no trip through the carrier, which may refuse to call itself
            return ToExtension(extension, caller, trail);
        }
        OutboundRoute? route = configuration.Routes.FirstOrDefault(candidate => number.StartsWith(candidate.Prefix, StringComparison.Ordinal));
        if (route is null)
            return trail.Refuse(404, "no-route", number);
        trail.Add("route", $"{route.Name} (prefix {Shown(route.Prefix)})");
        if (route.Trunks.Count == 0)
            return trail.Refuse(403, "barred", route.Name);
        if (OutsideLimits.Refusal(number, configuration.Home, configuration.Outside, configuration.LimitsOf(caller), conditions) is { } refusal)
            return trail.Refuse(refusal.Status, refusal.Rule, refusal.Value);
        string asked = number;
        number = route.Rewrite.Rewrite(number, trail, "route-rewrite");
        if (number.Length == 0)
            return trail.Refuse(484, "rewritten-to-nothing", route.Name);
        CallerNumbers callers = new(caller, route, configuration);
        List<TrunkAttempt> attempts = [];
        List<TrunkSettings> away = [];
        foreach (RouteTrunk entry in TrunkOrdering.Of(route, conditions.Random))
        {
            if (!configuration.Trunks.TryGetValue(entry.Trunk, out TrunkSettings? trunk))
                trail.Add("trunk-missing", entry.Trunk.ToString());
            else if (!trunk.Enabled)
                trail.Add("trunk-disabled", trunk.Name);
            else if (conditions.IsFull(trunk))
                trail.Add("trunk-full", $"{trunk.Name} ({trunk.MaxChannels} channels)");
            else if (conditions.Down.Contains(trunk.Id))
                away.Add(trunk);
            else
                attempts.Add(Attempt(trunk, number, callers, trail));
        }
        foreach (TrunkSettings trunk in away)
        {
            trail.Add("trunk-down", trunk.Name);
            // Where there is no other: what does not answer OPTIONS may take calls all the same.
            if (attempts.TrueForAll(attempt => away.Contains(attempt.Trunk)))
                attempts.Add(Attempt(trunk, number, callers, trail));
        }
        return attempts.Count == 0
            ? trail.Refuse(503, "no-trunk", route.Name)
            : trail.To(new RouteTarget.ToTrunks(number, asked, attempts, route.FailoverOn, false));
    }

    /// <summary>An emergency call, by every trunk that there is: those of the number's route first. No limit and no full trunk is looked at; only the carrier may refuse.</summary>
    private static RoutePlan? TryEmergency(string caller, string dialled, TenantConfiguration configuration, RouteConditions conditions, RouteTrail trail)
    {
        string? service = EmergencyServiceOf(dialled), number;
        if (service is not null)
        {
            // Where nobody knows a number for it the carrier is told the service itself (RFC 6881: what is asked for is the service, a number is how it was dialled).
            number = Emergency.NumberFor(service, configuration.Outside, configuration.Home, configuration.Language) ?? service;
            trail.Add("emergency-service", number == service ? service : $"{service} → {number}");
        }
        else if (!configuration.EmergencyNumbers.TryGetValue(dialled, out number))
            return null;
        OutboundRoute? route = configuration.Routes.FirstOrDefault(candidate => candidate.Trunks.Count > 0 && number.StartsWith(candidate.Prefix, StringComparison.Ordinal));
        TrunkSettings[] trunks =
        [
            .. (route?.Trunks ?? []).Select(entry => configuration.Trunks.GetValueOrDefault(entry.Trunk)).OfType<TrunkSettings>()
                .Concat(configuration.Trunks.Values.OrderBy(trunk => trunk.Name, StringComparer.Ordinal)).Where(trunk => trunk.Enabled).DistinctBy(trunk => trunk.Id)
                .OrderBy(trunk => conditions.Down.Contains(trunk.Id)),      // who does not answer comes last, but comes
        ];
        if (trunks.Length == 0)
            return service is null ? null : trail.Refuse(503, "no-emergency-trunk", service);
        trail.Add("emergency", number);
        if (route is not null)
            trail.Add("route", $"{route.Name} (prefix {Shown(route.Prefix)})");
        CallerNumbers callers = new(caller, route, configuration);
        return trail.To(new RouteTarget.ToTrunks(number, number, [.. trunks.Select(trunk => Attempt(trunk, number, callers, trail, emergency: true))], ["3xx", "4xx", "5xx", "6xx"], true));
    }

    // Only what may be one is read as a URI: this is asked for every call.
    private static string? EmergencyServiceOf(string dialled) =>
        dialled.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) && SipUri.TryParse(dialled, out SipUri? uri) ? uri.EmergencyService : null;

    private static TrunkAttempt Attempt(TrunkSettings trunk, string called, CallerNumbers callers, RouteTrail trail, bool emergency = false)
    {
        trail.Add("trunk", trunk.Name);
        IReadOnlyList<NumberRewrite> rules = trunk.Profile.Numbers.CalledOut;
        // A rule for every number would make +86110 of 110: an emergency number is rewritten only by the rule that names it.
        string sent = (emergency ? [.. rules.Where(rule => rule.Prefix == called)] : rules).Rewrite(called, trail, "called-rewrite");
        string? caller = callers.For(trunk, trail);
        return new TrunkAttempt(trunk, sent, caller is null ? null : trunk.Profile.Numbers.CallerOut.Rewrite(caller, trail, "caller-rewrite"));
    }

    /// <summary>What is called outside, or null where the dialled string is no number outside.</summary>
    private static string? OutsideNumber(string dialled, string prefix) =>
        prefix.Length > 0 && dialled.StartsWith(prefix, StringComparison.Ordinal) ? dialled[prefix.Length..]
        : prefix.Length == 0 || dialled[0] == '+' ? dialled                 // address books hold E.164: no extension begins with a plus
        : null;

    private static bool IsNumber(string number)
    {
        ReadOnlySpan<char> digits = number.StartsWith('+') ? number.AsSpan(1) : number;
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static string Shown(string prefix) => prefix.Length == 0 ? "any" : prefix;
}
