namespace CloudPbx.State.MediaNodes;

/// <summary>Where a media node takes workers' control connections, and how busy it is.</summary>
/// <param name="NodeId">The node's name, unique while it lives.</param>
/// <param name="Address">What to dial: <c>tcp://host:port</c> or <c>unix:/path</c>; for gRPC <c>http://host:port</c> or <c>https://host:port</c>.</param>
public sealed record MediaNodeAddress(string NodeId, string Address)
{
    /// <summary>Legs that stand.</summary>
    public int Legs { get; init; }

    /// <summary>Legs that its ports allow; 0 where it does not say.</summary>
    public int Capacity { get; init; }

    /// <summary>It is about to stop: no call may begin there, and its calls go to other nodes where they can.</summary>
    public bool IsDraining { get; init; }
}
