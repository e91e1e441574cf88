using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Users;

internal sealed class GlobalOneTimeLinkMapping : IEntityTypeConfiguration<GlobalOneTimeLink>
{
    public void Configure(EntityTypeBuilder<GlobalOneTimeLink> builder)
    {
        builder.ToTable("global_one_time_links");
        builder.HasKey(l => l.TokenHash);
        builder.Property(l => l.TokenHash).HasMaxLength(32);
        builder.HasIndex(l => l.UserId);
        builder.HasOne<GlobalUser>().WithMany().HasForeignKey(l => l.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
