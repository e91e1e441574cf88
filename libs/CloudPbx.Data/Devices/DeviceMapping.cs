using CloudPbx.Data.Numbering;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Devices;

internal sealed class DeviceMapping : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("devices");
        builder.HasKey(d => new { d.TenantId, d.Id });
        builder.Property(d => d.Id).ValueGeneratedNever();
        builder.HasIndex(d => new { d.TenantId, d.AuthUser }).IsUnique();
        builder.HasIndex(d => new { d.TenantId, d.ExtensionId });
        builder.Property(d => d.Name).HasMaxLength(64);
        builder.Property(d => d.AuthUser).HasMaxLength(64);
        builder.Property(d => d.SealedSecret).HasMaxLength(512);
        builder.Property(d => d.Version).IsConcurrencyToken();
        // Tenant and extension together: no device can hang on another tenant's extension.
        builder.HasOne<Extension>().WithMany().HasForeignKey(d => new { d.TenantId, d.ExtensionId }).OnDelete(DeleteBehavior.Cascade);
    }
}
