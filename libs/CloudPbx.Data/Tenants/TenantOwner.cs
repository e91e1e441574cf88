using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A tenant and whose it is.</summary>
/// <param name="Id">The tenant.</param>
/// <param name="ResellerId">Its reseller; <see langword="null"/>: the platform's own.</param>
public sealed record TenantOwner(TenantId Id, ResellerId? ResellerId);
