using System.Buffers;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Routing;

/// <summary>
/// Turns a caller and a called number into a plan. A pure function of its arguments: the same code answers the dry run. Whether a phone is
/// registered is no question of routing: an extension without one is still the right target, and its call gets 480.
/// </summary>
/// <remarks>Calls from phones: this file, and <c>Router.Outside.cs</c> for numbers outside. Calls from carriers: <c>Router.Inbound.cs</c>.</remarks>
internal static partial class Router
{
    /// <summary>The echo test's feature code.</summary>
    public const string EchoCode = "*43";

    private const int MaximumDialledLength = 64;
    private static readonly SearchValues<char> s_telephone = SearchValues.Create("+0123456789*#-.() ");

    /// <summary>Decides where a phone's call goes.</summary>
    /// <param name="caller">The calling extension's number.</param>
    /// <param name="dialled">What was dialled, see <see cref="DialledString"/>.</param>
    /// <param name="configuration">The tenant.</param>
    /// <param name="conditions">What is in use; nothing if absent.</param>
    public static RoutePlan Route(string caller, string dialled, TenantConfiguration configuration, RouteConditions? conditions = null)
    {
        RouteTrail trail = new();
        trail.Add("dialled", dialled);
        if (dialled.Length is 0 or > MaximumDialledLength)
            return trail.Refuse(484, "not-a-number", dialled);
        if (dialled == EchoCode)
        {
            trail.Add("feature-code", "echo");
            return trail.To(new RouteTarget.ToEcho());
        }
        conditions ??= RouteConditions.Idle;
        // Before extensions: who dials the ambulance must not reach a colleague. Without a trunk there is nothing better than the colleague.
        if (TryEmergency(caller, dialled, configuration, conditions, trail) is { } emergency)
            return emergency;
        if (configuration.IsSuspended)
            return trail.Refuse(403, "suspended", configuration.Name);
        return configuration.Extensions.TryGetValue(dialled, out ConfiguredExtension? extension)
            ? ToExtension(extension, caller, trail)
            : configuration.Conferences.TryGetValue(dialled, out ConfiguredConference? room) ? ToConference(room, trail)
            : RouteOutside(caller, dialled, configuration, conditions, trail);
    }

    /// <summary>Decides where a call goes that an extension sends on.</summary>
    /// <param name="by">The extension, whose rights and limits decide.</param>
    /// <param name="to">To where: what it would dial.</param>
    /// <param name="configuration">The tenant.</param>
    /// <param name="conditions">What is in use, of that extension.</param>
    /// <param name="isOwnWord">Whether its phone says so now, and not a forward that was set some day.</param>
    public static RoutePlan Forward(string by, string to, TenantConfiguration configuration, RouteConditions conditions, bool isOwnWord)
    {
        RoutePlan plan = Route(by, to, configuration, conditions with { IsForward = true });
        // Nobody's calls go to the ambulance while nobody looks.
        return isOwnWord || plan.Target is not RouteTarget.ToTrunks { Emergency: true } ? plan
            : new RoutePlan(new RouteTarget.Refused(403), [.. plan.Steps, new RouteStep("forward-emergency", to)]);
    }

    /// <summary>The dialled string of a Request-URI: its user part without parameters and without the separators that people write; an emergency service (RFC 5031) by its name.</summary>
    public static string DialledString(SipUri uri)
    {
        if (uri.EmergencyService is { } service)
            return service;
        string user = uri.User ?? "";
        int parameters = user.IndexOf(';', StringComparison.Ordinal);
        if (parameters >= 0)
            user = user[..parameters];                          // RFC 3261 §19.1.6: parameters of a telephone number
        // RFC 3966 §5.1.1 visual separators, only where what is left is a number: "j.smith" is a name.
        return user.AsSpan().ContainsAnyExcept(s_telephone) ? user : string.Concat(user.Where(c => c is not ('-' or '.' or '(' or ')' or ' ')));
    }

    private static RoutePlan ToConference(ConfiguredConference room, RouteTrail trail)
    {
        trail.Add(room.Locked ? "conference-locked" : room.Pin is null ? "conference" : "conference-pin", $"{room.Number} {room.Name}");
        return trail.To(new RouteTarget.ToConference(room));
    }

    private static RoutePlan ToExtension(ConfiguredExtension extension, string? caller, RouteTrail trail)
    {
        bool own = extension.Number == caller;
        trail.Add(own ? "own-number" : "extension", extension.Number);
        return trail.To(new RouteTarget.ToExtension(extension.Number, own, extension.RingTimeout));
    }
}
