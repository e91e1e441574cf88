namespace CloudPbx.Data.Trunks;

/// <summary>A trusted address that cannot be had.</summary>
/// <param name="Trunk">The name of the tenant's trunk.</param>
/// <param name="Network">Its network.</param>
/// <param name="Reason">Why not, and what to do; names no other tenant.</param>
public sealed record SourceConflict(string Trunk, string Network, string Reason);
