namespace CloudPbx.State.Edges;

/// <summary>An edge as it announces itself to operators; nothing finds its way by this.</summary>
/// <param name="EdgeId">The edge's name, unique while it lives.</param>
/// <param name="Address">Where phones reach it.</param>
public sealed record EdgeAddress(string EdgeId, string Address)
{
    /// <summary>Connections of peers that are open.</summary>
    public int Connections { get; init; }

    /// <summary>It takes no new connections: the operator drains it.</summary>
    public bool IsDraining { get; init; }
}
