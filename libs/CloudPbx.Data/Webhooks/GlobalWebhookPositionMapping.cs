using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Webhooks;

internal sealed class GlobalWebhookPositionMapping : IEntityTypeConfiguration<GlobalWebhookPosition>
{
    public void Configure(EntityTypeBuilder<GlobalWebhookPosition> builder)
    {
        builder.ToTable("global_webhook_positions");
        builder.HasKey(p => new { p.WebhookId, p.TenantId });
        builder.HasIndex(p => p.TenantId);
        builder.HasOne<GlobalWebhook>().WithMany().HasForeignKey(p => p.WebhookId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Tenant>().WithMany().HasForeignKey(p => p.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
