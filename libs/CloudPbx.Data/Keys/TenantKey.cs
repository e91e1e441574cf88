using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>A tenant's data key, wrapped by the platform key. Without it nothing sealed for the tenant can be opened again.</summary>
/// <param name="TenantId">Whose; part of what is authenticated, so that a key cannot be moved to another tenant.</param>
/// <param name="Wrapped">The sealed key.</param>
public sealed record TenantKey(TenantId TenantId, ReadOnlyMemory<byte> Wrapped);
