using CloudPbx.Data.Conversions;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Webhooks;

internal sealed class GlobalWebhookMapping : IEntityTypeConfiguration<GlobalWebhook>
{
    public void Configure(EntityTypeBuilder<GlobalWebhook> builder)
    {
        builder.ToTable("global_webhooks");
        builder.HasKey(w => w.Id);
        builder.Property(w => w.Id).ValueGeneratedNever();
        builder.Property(w => w.Name).HasMaxLength(64);
        builder.Property(w => w.Url).HasMaxLength(2000);
        builder.Property(w => w.DisabledReason).HasMaxLength(300);
        builder.Property(w => w.Types).HasConversion(new JsonListConverter<string>(), JsonListConverter<string>.Comparer);
        builder.Property(w => w.Version).IsConcurrencyToken();
        builder.HasIndex(w => new { w.TenantId, w.CreatedAt });
        builder.HasIndex(w => new { w.ResellerId, w.CreatedAt });
        builder.HasOne<Tenant>().WithMany().HasForeignKey(w => w.TenantId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<GlobalReseller>().WithMany().HasForeignKey(w => w.ResellerId).OnDelete(DeleteBehavior.Cascade);
    }
}
