using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Clients;

internal sealed class GlobalScopeMapping : IEntityTypeConfiguration<GlobalScope>
{
    public void Configure(EntityTypeBuilder<GlobalScope> builder)
    {
        builder.ToTable("global_scopes");
        builder.HasKey(s => s.Id);
        builder.Property(s => s.ConcurrencyToken).HasMaxLength(50).IsConcurrencyToken();
        builder.Property(s => s.Name).HasMaxLength(200);
        builder.HasIndex(s => s.Name).IsUnique();
    }
}
