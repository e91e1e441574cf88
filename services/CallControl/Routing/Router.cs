using System.Buffers;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Routing;

/// <summary>
/// Turns a caller and a dialled string into a plan. A pure function of its arguments: the same code answers the dry run. Whether a phone is
/// registered is no question of routing: an extension without one is still the right target, and its call gets 480.
/// </summary>
internal static class Router
{
    /// <summary>The echo test's feature code.</summary>
    public const string EchoCode = "*43";

    private const int MaximumDialledLength = 64;
    private static readonly SearchValues<char> s_telephone = SearchValues.Create("+0123456789*#-.() ");

    /// <summary>Decides where a call goes.</summary>
    /// <param name="caller">The calling extension's number.</param>
    /// <param name="dialled">What was dialled, see <see cref="DialledString"/>.</param>
    /// <param name="configuration">The tenant.</param>
    public static RoutePlan Route(string caller, string dialled, TenantConfiguration configuration)
    {
        List<RouteStep> steps = [new("dialled", dialled)];
        if (dialled.Length is 0 or > MaximumDialledLength)
            return Refuse(484, "not-a-number", dialled);
        if (dialled == EchoCode)
        {
            steps.Add(new("feature-code", "echo"));
            return new RoutePlan(new RouteTarget.ToEcho(), steps);
        }
        if (!configuration.Extensions.TryGetValue(dialled, out ConfiguredExtension? extension))
            return Refuse(404, "unknown-number", dialled);
        bool own = extension.Number == caller;
        steps.Add(new(own ? "own-number" : "extension", extension.Number));
        return new RoutePlan(new RouteTarget.ToExtension(extension.Number, own, extension.RingTimeout), steps);

        RoutePlan Refuse(int status, string rule, string value)
        {
            steps.Add(new(rule, value));
            return new RoutePlan(new RouteTarget.Refused(status), steps);
        }
    }

    /// <summary>The dialled string of a Request-URI: its user part without parameters and without the separators that people write.</summary>
    public static string DialledString(SipUri uri)
    {
        string user = uri.User ?? "";
        int parameters = user.IndexOf(';', StringComparison.Ordinal);
        if (parameters >= 0)
            user = user[..parameters];                          // RFC 3261 §19.1.6: parameters of a telephone number
        // RFC 3966 §5.1.1 visual separators, only where what is left is a number: "j.smith" is a name.
        return user.AsSpan().ContainsAnyExcept(s_telephone) ? user : string.Concat(user.Where(c => c is not ('-' or '.' or '(' or ')' or ' ')));
    }
}
