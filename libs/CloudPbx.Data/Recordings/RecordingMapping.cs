using CloudPbx.Contracts.Events;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Recordings;

internal sealed class RecordingMapping : IEntityTypeConfiguration<Recording>
{
    public void Configure(EntityTypeBuilder<Recording> builder)
    {
        builder.ToTable("recordings");
        builder.HasKey(r => new { r.TenantId, r.Id });
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasIndex(r => new { r.TenantId, r.Sequence });
        builder.HasIndex(r => new { r.TenantId, r.CallId });                            // no foreign key: records are partitioned, and may be deleted before
        builder.Property(r => r.CallerNumber).HasMaxLength(64);
        builder.Property(r => r.CalledNumber).HasMaxLength(64);
        builder.Property(r => r.Sha256).HasMaxLength(64);
        builder.Property(r => r.Notes).HasConversion(new JsonListConverter<RecordedNote>(), JsonListConverter<RecordedNote>.Comparer);
        builder.HasOne<Tenant>().WithMany().HasForeignKey(r => r.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
