namespace CloudPbx.State.Workers;

/// <summary>Where a CallControl worker takes edges' links.</summary>
/// <param name="WorkerId">The worker's name, unique while it lives.</param>
/// <param name="Host">A host name or address that edges can reach.</param>
/// <param name="Port">TCP port; 0 where the link is a pipe in the same process.</param>
public sealed record WorkerAddress(string WorkerId, string Host, int Port);
