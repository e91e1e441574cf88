using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Routing;

/// <summary>
/// Which number an extension shows outside: the route's, else the rule with the longest prefix of the extension, else the extension's own number, else the
/// tenant's. Only a number of the tenant's inventory is ever shown (S8), and only by the trunk that it belongs to.
/// </summary>
internal sealed class CallerNumbers(string extension, OutboundRoute? route, TenantConfiguration configuration)
{
    private readonly (string Rule, string Number)[] _candidates = [.. Candidates(extension, route, configuration)];

    /// <summary>Decides what is shown by a trunk, or null.</summary>
    public string? For(TrunkSettings trunk, RouteTrail trail)
    {
        foreach ((string rule, string candidate) in _candidates)
        {
            if (!configuration.Numbers.TryGetValue(candidate, out TenantNumber? number))
            {
                trail.Add("caller-not-ours", candidate);
            }
            else if (number.Trunk is { } only && only != trunk.Id)
            {
                trail.Add("caller-of-other-trunk", candidate);
            }
            else
            {
                trail.Add(rule, candidate);
                return candidate;
            }
        }
        trail.Add("caller-none", trunk.Name);
        return null;
    }

    private static IEnumerable<(string Rule, string Number)> Candidates(string extension, OutboundRoute? route, TenantConfiguration configuration)
    {
        if (route?.CallerNumber is { } ofRoute)
            yield return ("caller-of-route", ofRoute);
        CallerNumberRule? rule = configuration.Outside.CallerNumbers.Where(r => extension.StartsWith(r.Extensions, StringComparison.Ordinal)).MaxBy(r => r.Extensions.Length);
        if (rule is not null)
            yield return ("caller-of-rule", rule.Number);
        foreach (TenantNumber own in configuration.Numbers.Values.Where(n => n.Extension == extension).OrderBy(n => n.Number, StringComparer.Ordinal))
            yield return ("caller-of-extension", own.Number);
        if (configuration.Outside.CallerNumber is { } ofTenant)
            yield return ("caller-of-tenant", ofTenant);
    }
}
