using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Users;

internal sealed class GlobalPasskeyMapping : IEntityTypeConfiguration<GlobalPasskey>
{
    public void Configure(EntityTypeBuilder<GlobalPasskey> builder)
    {
        builder.ToTable("global_passkeys");
        builder.HasKey(p => p.CredentialId);
        builder.Property(p => p.CredentialId).HasMaxLength(1024);                       // WebAuthn: 1023 octets at most
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.HasIndex(p => p.UserId);
        builder.HasOne<GlobalUser>().WithMany().HasForeignKey(p => p.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
