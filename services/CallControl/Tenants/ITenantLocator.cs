using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Asks where a tenant lives, and has it started there if it lives nowhere.</summary>
internal interface ITenantLocator
{
    /// <summary>Locates a tenant.</summary>
    /// <returns>Its place; null where it cannot be started (unknown, or its configuration cannot be read now).</returns>
    Task<LocateAnswer?> LocateAsync(TenantId tenant);
}
