using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class GlobalNumberMapping : IEntityTypeConfiguration<GlobalNumber>
{
    public void Configure(EntityTypeBuilder<GlobalNumber> builder)
    {
        builder.ToTable("global_numbers");
        builder.HasKey(n => n.Number);
        builder.Property(n => n.Number).HasMaxLength(16).ValueGeneratedNever();
        builder.HasIndex(n => n.TrunkId);
        builder.HasOne<GlobalTrunk>().WithMany().HasForeignKey(n => n.TrunkId).OnDelete(DeleteBehavior.NoAction);
    }
}
