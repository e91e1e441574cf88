using CloudPbx.Data.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Clients;

internal sealed class GlobalAuthorizationMapping : IEntityTypeConfiguration<GlobalAuthorization>
{
    public void Configure(EntityTypeBuilder<GlobalAuthorization> builder)
    {
        builder.ToTable("global_authorizations");
        builder.HasKey(a => a.Id);
        builder.Property(a => a.ConcurrencyToken).HasMaxLength(50).IsConcurrencyToken();
        builder.Property(a => a.Status).HasMaxLength(50);
        builder.Property(a => a.Subject).HasMaxLength(200);
        builder.Property(a => a.Type).HasMaxLength(50);
        builder.HasIndex(a => new { a.Subject, a.Status });
        builder.HasMany(a => a.Tokens).WithOne(t => t.Authorization!).HasForeignKey("AuthorizationId").IsRequired(false).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<GlobalSession>().WithMany().HasForeignKey(a => a.SessionId).OnDelete(DeleteBehavior.Cascade);
    }
}
