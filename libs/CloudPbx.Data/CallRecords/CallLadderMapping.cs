using CloudPbx.Contracts.Events;
using CloudPbx.Data.Conversions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.CallRecords;

internal sealed class CallLadderMapping : IEntityTypeConfiguration<CallLadder>
{
    public void Configure(EntityTypeBuilder<CallLadder> builder)
    {
        builder.ToTable("call_records");                          // the record's own row
        builder.HasKey(l => new { l.TenantId, l.Id });
        builder.Property(l => l.Id).ValueGeneratedNever();
        builder.Property(l => l.Ladder).HasConversion(new JsonTextConverter<SipLadder>(), JsonTextConverter<SipLadder>.Comparer);
        builder.HasOne<CallRecord>().WithOne().HasForeignKey<CallLadder>(l => new { l.TenantId, l.Id });
    }
}
