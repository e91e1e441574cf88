using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Numbering;

internal sealed class ExtensionMapping : IEntityTypeConfiguration<Extension>
{
    public void Configure(EntityTypeBuilder<Extension> builder)
    {
        builder.ToTable("extensions");
        builder.HasKey(e => new { e.TenantId, e.Id });
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.HasIndex(e => new { e.TenantId, e.Number }).IsUnique();
        builder.Property(e => e.Number).HasMaxLength(8);
        builder.Property(e => e.DisplayName).HasMaxLength(128);
        builder.Property(e => e.Forwards).HasConversion((ValueConverter)new JsonTextConverter<CallForwards>(), JsonTextConverter<CallForwards>.Comparer);
        builder.Property(e => e.Limits).HasConversion((ValueConverter)new JsonTextConverter<ExtensionLimits>(), JsonTextConverter<ExtensionLimits>.Comparer);
        builder.Property(e => e.Codecs).HasConversion((ValueConverter)new JsonListConverter<string>(), JsonListConverter<string>.Comparer);
        builder.Property(e => e.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(e => e.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
