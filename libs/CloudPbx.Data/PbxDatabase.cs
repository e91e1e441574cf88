using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data;

internal sealed class PbxDatabase(DbContextOptions<PbxDbContext> tenantOptions, DbContextOptions<PlatformDbContext> platformOptions, IDatabaseFaults faults)
    : IPbxDatabase
{
    public PbxDbContext OpenTenant(TenantId tenant) => new(tenantOptions, new TenantContext(tenant), faults);

    public PlatformDbContext OpenPlatform() => new(platformOptions);
}
