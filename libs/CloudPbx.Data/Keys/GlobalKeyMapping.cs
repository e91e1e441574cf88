using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Keys;

internal sealed class GlobalKeyMapping : IEntityTypeConfiguration<GlobalKey>
{
    public void Configure(EntityTypeBuilder<GlobalKey> builder)
    {
        builder.ToTable("global_keys");
        builder.HasKey(k => k.Id);
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Purpose).HasMaxLength(32);
    }
}
