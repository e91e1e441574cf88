using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Data;

internal sealed class PbxDatabase(DbContextOptions<PbxDbContext> tenantOptions, IServiceProvider services, IDatabaseFaults faults) : IPbxDatabase
{
    public PbxDbContext OpenTenant(TenantId tenant) => new(tenantOptions, new TenantContext(tenant), faults);

    /// <summary>Asked for here and not before: a worker never sees all tenants, and has no connection that could.</summary>
    public PlatformDbContext OpenPlatform() => new(services.GetRequiredService<DbContextOptions<PlatformDbContext>>());
}
