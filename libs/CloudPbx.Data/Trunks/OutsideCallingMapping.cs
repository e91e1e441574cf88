using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class OutsideCallingMapping : IEntityTypeConfiguration<OutsideCallingRow>
{
    public void Configure(EntityTypeBuilder<OutsideCallingRow> builder)
    {
        builder.ToTable("outside_calling");
        builder.HasKey(o => o.TenantId);
        builder.Property(o => o.Settings).HasConversion(new JsonTextConverter<OutsideCalling>(), JsonTextConverter<OutsideCalling>.Comparer);
        builder.Property(o => o.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithOne().HasForeignKey<OutsideCallingRow>(o => o.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
