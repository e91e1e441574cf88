using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Users;

internal sealed class GlobalSessionMapping : IEntityTypeConfiguration<GlobalSession>
{
    public void Configure(EntityTypeBuilder<GlobalSession> builder)
    {
        builder.ToTable("global_sessions");
        builder.HasKey(s => s.Id);
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Address).HasMaxLength(45);                              // an IPv4 address written as IPv6 is the longest
        builder.Property(s => s.UserAgent).HasMaxLength(SessionStore.LongestUserAgent);
        builder.HasIndex(s => new { s.UserId, s.LastUsedAt });
        builder.HasOne<GlobalUser>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
