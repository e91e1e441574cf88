using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Routing;

/// <summary>In which order a route's trunks are tried.</summary>
internal static class TrunkOrdering
{
    /// <summary>Gives all trunks of the route, each once.</summary>
    public static IReadOnlyList<RouteTrunk> Of(OutboundRoute route, Random random)
    {
        if (route.Order == TrunkOrder.Listed)
            return route.Trunks;
        // As RFC 2782 draws among SRV records of one priority: by weight, without putting back.
        List<RouteTrunk> left = [.. route.Trunks];
        List<RouteTrunk> drawn = new(left.Count);
        while (left.Count > 0)
        {
            int ticket = random.Next(left.Sum(trunk => trunk.Weight));
            int winner = 0;
            while (ticket >= left[winner].Weight)
                ticket -= left[winner++].Weight;
            drawn.Add(left[winner]);
            left.RemoveAt(winner);
        }
        return drawn;
    }
}
