using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Keys;

internal sealed class WrappedTenantKeyMapping : IEntityTypeConfiguration<WrappedTenantKey>
{
    public void Configure(EntityTypeBuilder<WrappedTenantKey> builder)
    {
        builder.ToTable("tenant_keys");
        builder.HasKey(k => k.TenantId);
        builder.HasOne<Tenant>().WithOne().HasForeignKey<WrappedTenantKey>(k => k.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
