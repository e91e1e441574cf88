using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class PhoneNumberMapping : IEntityTypeConfiguration<PhoneNumber>
{
    public void Configure(EntityTypeBuilder<PhoneNumber> builder)
    {
        builder.ToTable("phone_numbers");
        builder.HasKey(n => new { n.TenantId, n.Id });
        builder.Property(n => n.Id).ValueGeneratedNever();
        builder.HasIndex(n => n.Number).IsUnique();                                     // a number has one owner: platform-wide by its nature
        builder.Property(n => n.Number).HasMaxLength(16);                               // E.164: 15 digits
        builder.Property(n => n.Extension).HasMaxLength(8);
        builder.Property(n => n.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(n => n.TenantId).OnDelete(DeleteBehavior.Cascade);
        // No cascade: a number outlives its trunk only where somebody says so.
        builder.HasOne<Trunk>().WithMany().HasForeignKey(n => new { n.TenantId, n.TrunkId }).OnDelete(DeleteBehavior.NoAction);
    }
}
