namespace CloudPbx.State.MediaNodes;

/// <summary>Where a media node takes workers' control streams.</summary>
/// <param name="NodeId">The node's name, unique while it lives.</param>
/// <param name="Address">What to dial: <c>http://host:port</c> or <c>unix:/path</c>.</param>
public sealed record MediaNodeAddress(string NodeId, string Address);
