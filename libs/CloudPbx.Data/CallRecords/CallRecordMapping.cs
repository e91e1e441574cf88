using CloudPbx.Contracts.Events;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.CallRecords;

internal sealed class CallRecordMapping : IEntityTypeConfiguration<CallRecord>
{
    public void Configure(EntityTypeBuilder<CallRecord> builder)
    {
        builder.ToTable("call_records");                                                // PostgreSQL partitions it by range of id
        builder.HasKey(r => new { r.TenantId, r.Id });
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasIndex(r => new { r.TenantId, r.Sequence });
        builder.HasIndex(r => new { r.TenantId, r.StartedAt });
        // A search by number looks into each of the four.
        builder.HasIndex(r => new { r.TenantId, r.CallerNumber });
        builder.HasIndex(r => new { r.TenantId, r.CalledNumber });
        builder.HasIndex(r => new { r.TenantId, r.AnsweredBy });
        builder.HasIndex(r => new { r.TenantId, r.TrunkNumber });
        builder.Property(r => r.CallerNumber).HasMaxLength(64);
        builder.Property(r => r.CallerName).HasMaxLength(128);
        builder.Property(r => r.CalledNumber).HasMaxLength(64);
        builder.Property(r => r.AnsweredBy).HasMaxLength(64);
        builder.Property(r => r.TrunkName).HasMaxLength(64);
        builder.Property(r => r.TrunkNumber).HasMaxLength(64);
        builder.Property(r => r.Reason).HasMaxLength(256);
        builder.Property(r => r.Media).HasConversion(new JsonListConverter<LegMedia>(), JsonListConverter<LegMedia>.Comparer);
        builder.Property(r => r.Steps).HasConversion(new JsonListConverter<DecisionStep>(), JsonListConverter<DecisionStep>.Comparer).HasDefaultValueSql("'[]'");
        builder.HasOne<Tenant>().WithMany().HasForeignKey(r => r.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
