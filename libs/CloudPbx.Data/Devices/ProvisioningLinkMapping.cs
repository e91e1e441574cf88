using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Devices;

internal sealed class ProvisioningLinkMapping : IEntityTypeConfiguration<ProvisioningLink>
{
    public void Configure(EntityTypeBuilder<ProvisioningLink> builder)
    {
        builder.ToTable("provisioning_links");
        builder.HasKey(l => new { l.TenantId, l.DeviceId });
        builder.HasIndex(l => new { l.TenantId, l.SecretHash }).IsUnique();
        builder.Property(l => l.SecretHash).HasMaxLength(32);
        builder.Property(l => l.FetchedFrom).HasMaxLength(64);
        builder.HasOne<Device>().WithMany().HasForeignKey(l => new { l.TenantId, l.DeviceId }).OnDelete(DeleteBehavior.Cascade);
    }
}
