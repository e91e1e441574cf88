using CloudPbx.Contracts.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class TrunkSourceMapping : IEntityTypeConfiguration<TrunkSource>
{
    public void Configure(EntityTypeBuilder<TrunkSource> builder)
    {
        builder.ToTable("trunk_sources");
        builder.HasKey(s => new { s.TenantId, s.TrunkId, s.Network });
        builder.Property(s => s.Network).HasMaxLength(CertificateSource.MaxLength);
        builder.HasOne<Trunk>().WithMany().HasForeignKey(s => new { s.TenantId, s.TrunkId }).OnDelete(DeleteBehavior.Cascade);
    }
}
