using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Webhooks;

internal sealed class GlobalWebhookDeliveryMapping : IEntityTypeConfiguration<GlobalWebhookDelivery>
{
    public void Configure(EntityTypeBuilder<GlobalWebhookDelivery> builder)
    {
        builder.ToTable("global_webhook_deliveries");
        builder.HasKey(d => d.Id);
        builder.Property(d => d.Id).ValueGeneratedNever();
        builder.Property(d => d.Type).HasMaxLength(64);
        builder.Property(d => d.Subject).HasMaxLength(64);
        builder.Property(d => d.LastError).HasMaxLength(300);
        builder.HasIndex(d => new { d.WebhookId, d.Id });
        builder.HasIndex(d => new { d.WebhookId, d.NextAttemptAt });
        builder.HasIndex(d => d.TenantId);
        builder.HasOne<GlobalWebhook>().WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Tenant>().WithMany().HasForeignKey(d => d.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
