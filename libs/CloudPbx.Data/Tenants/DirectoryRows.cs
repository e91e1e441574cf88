using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>What the edges' directory is made of.</summary>
/// <param name="Domains">SIP domain → tenant.</param>
/// <param name="Users">User names that one tenant alone uses → tenant.</param>
/// <param name="DefaultTenant">The default tenant, if any.</param>
public sealed record DirectoryRows(IReadOnlyDictionary<string, TenantId> Domains, IReadOnlyDictionary<string, TenantId> Users, TenantId? DefaultTenant);
