using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Clients;

internal sealed class GlobalTokenMapping : IEntityTypeConfiguration<GlobalToken>
{
    public void Configure(EntityTypeBuilder<GlobalToken> builder)
    {
        builder.ToTable("global_tokens");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.ConcurrencyToken).HasMaxLength(50).IsConcurrencyToken();
        builder.Property(t => t.ReferenceId).HasMaxLength(100);
        builder.HasIndex(t => t.ReferenceId).IsUnique();
        builder.Property(t => t.Status).HasMaxLength(50);
        builder.Property(t => t.Subject).HasMaxLength(200);
        builder.Property(t => t.Type).HasMaxLength(150);
        builder.HasIndex(t => new { t.Subject, t.Status });
        builder.HasIndex(t => t.CreationDate);                                          // the pruning's
    }
}
