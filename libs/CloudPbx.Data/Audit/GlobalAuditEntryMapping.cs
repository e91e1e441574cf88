using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Audit;

internal sealed class GlobalAuditEntryMapping : IEntityTypeConfiguration<GlobalAuditEntry>
{
    public void Configure(EntityTypeBuilder<GlobalAuditEntry> builder)
    {
        builder.ToTable("global_audit_entries");
        builder.HasKey(a => a.Id);
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.Actor).HasMaxLength(200);
        builder.Property(a => a.ActorName).HasMaxLength(200);
        builder.Property(a => a.Action).HasMaxLength(100);
        builder.Property(a => a.Target).HasMaxLength(300);
        builder.Property(a => a.Address).HasMaxLength(64);
        builder.HasIndex(a => new { a.ResellerId, a.Id });                              // no foreign key: the log outlives who it is about
    }
}
