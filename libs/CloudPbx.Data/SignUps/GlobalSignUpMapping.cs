using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.SignUps;

internal sealed class GlobalSignUpMapping : IEntityTypeConfiguration<GlobalSignUp>
{
    public void Configure(EntityTypeBuilder<GlobalSignUp> builder)
    {
        builder.ToTable("global_sign_ups");
        builder.HasKey(s => s.TokenHash);
        builder.Property(s => s.TokenHash).HasMaxLength(32);
        builder.Property(s => s.Email).HasMaxLength(254);
        builder.Property(s => s.DisplayName).HasMaxLength(200);
        builder.Property(s => s.Company).HasMaxLength(200);
        builder.Property(s => s.TenantName).HasMaxLength(63);
        builder.Property(s => s.Language).HasMaxLength(35);
        builder.Property(s => s.Plan).HasMaxLength(63);
        builder.HasIndex(s => s.ExpiresAt);
    }
}
