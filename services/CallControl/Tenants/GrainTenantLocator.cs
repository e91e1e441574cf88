using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Locates tenants by their grains: Orleans starts one where it lives nowhere.</summary>
internal sealed class GrainTenantLocator(IGrainFactory grains) : ITenantLocator
{
    /// <inheritdoc/>
    public async Task<LocateAnswer?> LocateAsync(TenantId tenant) => await grains.GetGrain<ITenantGrain>(tenant.ToString()).LocateAsync();
}
