using CloudPbx.Data.Conversions;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Users;

internal sealed class GlobalUserMapping : IEntityTypeConfiguration<GlobalUser>
{
    public void Configure(EntityTypeBuilder<GlobalUser> builder)
    {
        builder.ToTable("global_users");
        builder.HasKey(u => u.Id);
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.Property(u => u.UserName).HasMaxLength(254);                            // RFC 5321 §4.5.3.1.3, less the brackets
        builder.Property(u => u.NormalizedUserName).HasMaxLength(254);
        builder.HasIndex(u => u.NormalizedUserName).IsUnique();
        builder.Property(u => u.Email).HasMaxLength(254);
        builder.Property(u => u.DisplayName).HasMaxLength(200);
        builder.Property(u => u.Language).HasMaxLength(35);
        builder.Property(u => u.PasswordHash).HasMaxLength(400);
        builder.Property(u => u.SecurityStamp).HasMaxLength(64);
        builder.Property(u => u.RecoveryCodes).HasConversion(new JsonListConverter<string>(), JsonListConverter<string>.Comparer);
        builder.Property(u => u.Version).IsConcurrencyToken();
        builder.HasIndex(u => new { u.TenantId, u.NormalizedUserName });
        builder.HasIndex(u => new { u.ResellerId, u.NormalizedUserName });
        builder.HasOne<Tenant>().WithMany().HasForeignKey(u => u.TenantId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<GlobalReseller>().WithMany().HasForeignKey(u => u.ResellerId).OnDelete(DeleteBehavior.Cascade);
    }
}
