using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Resellers;

internal sealed class GlobalResellerMapping : IEntityTypeConfiguration<GlobalReseller>
{
    public void Configure(EntityTypeBuilder<GlobalReseller> builder)
    {
        builder.ToTable("global_resellers");
        builder.HasKey(r => r.Id);
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.Name).HasMaxLength(63);
        builder.HasIndex(r => r.Name).IsUnique();
        builder.Property(r => r.DisplayName).HasMaxLength(200);
        builder.Property(r => r.Version).IsConcurrencyToken();
    }
}
