using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Clients;

internal sealed class GlobalClientMapping : IEntityTypeConfiguration<GlobalClient>
{
    public void Configure(EntityTypeBuilder<GlobalClient> builder)
    {
        builder.ToTable("global_clients");
        builder.HasKey(c => c.Id);
        builder.Property(c => c.ClientId).HasMaxLength(100);
        builder.HasIndex(c => c.ClientId).IsUnique();
        builder.Property(c => c.ApplicationType).HasMaxLength(50);
        builder.Property(c => c.ClientType).HasMaxLength(50);
        builder.Property(c => c.ConsentType).HasMaxLength(50);
        builder.Property(c => c.ConcurrencyToken).HasMaxLength(50).IsConcurrencyToken();
        builder.HasIndex(c => new { c.TenantId, c.ClientId });
        builder.HasIndex(c => new { c.ResellerId, c.ClientId });
        builder.HasMany(c => c.Authorizations).WithOne(a => a.Application!).HasForeignKey("ApplicationId").IsRequired(false).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(c => c.Tokens).WithOne(t => t.Application!).HasForeignKey("ApplicationId").IsRequired(false).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Tenant>().WithMany().HasForeignKey(c => c.TenantId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<GlobalReseller>().WithMany().HasForeignKey(c => c.ResellerId).OnDelete(DeleteBehavior.Cascade);
    }
}
