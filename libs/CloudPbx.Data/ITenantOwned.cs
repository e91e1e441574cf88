using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data;

/// <summary>A row that belongs to one tenant. The context adds the "tenant" query filter to all of these, PostgreSQL a row-level security policy.</summary>
public interface ITenantOwned
{
    /// <summary>Whose it is; never changes.</summary>
    TenantId TenantId { get; }
}
