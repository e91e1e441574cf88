using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Conferences;

internal sealed class ConferenceRoomMapping : IEntityTypeConfiguration<ConferenceRoom>
{
    public void Configure(EntityTypeBuilder<ConferenceRoom> builder)
    {
        builder.ToTable("conference_rooms");
        builder.HasKey(c => new { c.TenantId, c.Id });
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.HasIndex(c => new { c.TenantId, c.Number }).IsUnique();
        builder.Property(c => c.Number).HasMaxLength(8);
        builder.Property(c => c.Name).HasMaxLength(128);
        builder.Property(c => c.Pin).HasMaxLength(12);
        builder.Property(c => c.ModeratorPin).HasMaxLength(12);
        builder.Property(c => c.Greeting).HasMaxLength(Prompts.Prompt.MaximumNameLength);
        builder.Property(c => c.Version).IsConcurrencyToken();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(c => c.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
