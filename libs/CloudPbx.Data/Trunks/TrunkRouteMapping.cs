using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class TrunkRouteMapping : IEntityTypeConfiguration<TrunkRoute>
{
    public void Configure(EntityTypeBuilder<TrunkRoute> builder)
    {
        builder.ToTable("trunk_routes");
        builder.HasKey(r => new { r.TenantId, r.Id });
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasIndex(r => new { r.TenantId, r.Name }).IsUnique();
        builder.HasIndex(r => new { r.TenantId, r.Prefix }).IsUnique();                 // the longest prefix decides: two equal ones cannot
        builder.Property(r => r.Name).HasMaxLength(64);
        builder.Property(r => r.Prefix).HasMaxLength(16);
        builder.Property(r => r.Details).HasConversion(new JsonTextConverter<TrunkRouteDetails>(), JsonTextConverter<TrunkRouteDetails>.Comparer);
        builder.Property(r => r.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(r => r.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
