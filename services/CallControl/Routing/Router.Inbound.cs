using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Routing;

/// <summary>Calls from carriers.</summary>
internal static partial class Router
{
    /// <summary>Decides where a carrier's call goes.</summary>
    /// <param name="trunk">The trunk that it came by.</param>
    /// <param name="caller">The caller's number as the carrier wrote it; empty: hidden.</param>
    /// <param name="called">The called number as the carrier wrote it, from where the trunk's profile says.</param>
    /// <param name="configuration">The tenant.</param>
    /// <param name="conditions">What is in use; nothing if absent.</param>
    public static RoutePlan RouteInbound(TrunkSettings trunk, string caller, string called, TenantConfiguration configuration, RouteConditions? conditions = null)
    {
        conditions ??= RouteConditions.Idle;
        RouteTrail trail = new();
        trail.Add("inbound-trunk", trunk.Name);
        trail.Add("called", called);
        string shown = caller.Length == 0 ? "" : trunk.Profile.Numbers.CallerIn.Rewrite(caller, trail, "caller-rewrite");
        return Decide() with { CallerNumber = shown };

        RoutePlan Decide()
        {
            if (!trunk.Enabled)
                return trail.Refuse(403, "trunk-disabled", trunk.Name);
            if (configuration.IsSuspended)
                return trail.Refuse(480, "suspended", configuration.Name);
            if (called.Length is 0 or > MaximumDialledLength)
                return trail.Refuse(484, "not-a-number", called);
            if (conditions.IsFull(trunk))
                return trail.Refuse(503, "trunk-full", $"{trunk.Name} ({trunk.MaxChannels} channels)");
            if (configuration.Outside.Limits.MaxChannels is { } limit && conditions.Channels.Values.Sum() >= limit)
                return trail.Refuse(503, "limit-channels", $"{limit}");
            string number = trunk.Profile.Numbers.CalledIn.Rewrite(called, trail, "called-rewrite");
            if (Find(number) is { } listed)
            {
                trail.Add("did", listed.Number);
                // A number that belongs to another trunk was not called by this one: somebody guesses, or two carriers are mixed up.
                if (listed.Trunk is { } only && only != trunk.Id)
                    return trail.Refuse(404, "did-of-other-trunk", listed.Number);
                if (listed.Extension is null)
                    return trail.Refuse(404, "did-without-target", listed.Number);
                return ToInside(listed.Extension);
            }
            if (trunk.DefaultExtension is null)
                return trail.Refuse(404, "unknown-did", number);
            trail.Add("default-extension", trunk.DefaultExtension);
            return ToInside(trunk.DefaultExtension);
        }

        RoutePlan ToInside(string inside) => configuration.Extensions.TryGetValue(inside, out ConfiguredExtension? extension)
            ? ToExtension(extension, null, trail)
            : configuration.Conferences.TryGetValue(inside, out ConfiguredConference? room) ? ToConference(room, trail)
            : trail.Refuse(404, "no-such-extension", inside);

        // Carriers that write E.164 leave the plus out as often as not.
        TenantNumber? Find(string number) =>
            configuration.Numbers.GetValueOrDefault(number) ?? (number.StartsWith('+') ? null : configuration.Numbers.GetValueOrDefault("+" + number));
    }
}
