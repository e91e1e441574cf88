using CloudPbx.State.MediaNodes;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary>On which media node a call begins.</summary>
internal static class NodeChoice
{
    /// <summary>Chooses the least loaded node.</summary>
    /// <param name="candidates">The nodes: what each announced last, whether its stream stands, and the legs placed there since it announced.</param>
    /// <param name="forHelp">Whether one that drains serves, too, where there is no other: it is a call for help (SECURITY.md S36).</param>
    /// <returns>The index of the node; -1 where none may be used.</returns>
    public static int Choose(IReadOnlyList<(MediaNodeAddress Announced, bool IsConnected, int PlacedSince)> candidates, bool forHelp = false)
    {
        int best = -1;
        (bool Drains, double Load) least = (true, double.PositiveInfinity);
        for (int i = 0; i < candidates.Count; i++)
        {
            (MediaNodeAddress announced, bool connected, int placed) = candidates[i];
            if (!connected || (announced.IsDraining && !forHelp))
                continue;
            // A node that does not say what it can carry counts as a small one.
            (bool Drains, double Load) load = (announced.IsDraining, (announced.Legs + placed) / (double)(announced.Capacity > 0 ? announced.Capacity : 100));
            if (load.CompareTo(least) >= 0)
                continue;
            (best, least) = (i, load);
        }
        return best;
    }
}
