using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class TrunkProfileRowMapping : IEntityTypeConfiguration<TrunkProfileRow>
{
    public void Configure(EntityTypeBuilder<TrunkProfileRow> builder)
    {
        builder.ToTable("trunk_profiles");
        builder.HasKey(p => new { p.TenantId, p.Id });
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.HasIndex(p => new { p.TenantId, p.Name }).IsUnique();
        builder.Property(p => p.Name).HasMaxLength(64);
        builder.Property(p => p.BasedOn).HasMaxLength(64);
        builder.Property(p => p.Changes).HasConversion(new JsonTextConverter<TrunkProfileChanges>(), JsonTextConverter<TrunkProfileChanges>.Comparer);
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(p => p.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
