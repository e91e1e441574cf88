using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class TrunkMapping : IEntityTypeConfiguration<Trunk>
{
    public void Configure(EntityTypeBuilder<Trunk> builder)
    {
        builder.ToTable("trunks");
        builder.HasKey(t => new { t.TenantId, t.Id });
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.HasIndex(t => new { t.TenantId, t.Name }).IsUnique();
        builder.Property(t => t.Name).HasMaxLength(64);
        builder.Property(t => t.Details).HasConversion(new JsonTextConverter<TrunkDetails>(), JsonTextConverter<TrunkDetails>.Comparer);
        builder.Property(t => t.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(t => t.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
