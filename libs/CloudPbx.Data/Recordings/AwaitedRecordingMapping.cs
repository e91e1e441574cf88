using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Recordings;

internal sealed class AwaitedRecordingMapping : IEntityTypeConfiguration<AwaitedRecording>
{
    public void Configure(EntityTypeBuilder<AwaitedRecording> builder)
    {
        builder.ToTable("awaited_recordings");
        builder.HasKey(r => new { r.TenantId, r.Id });
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasOne<Tenant>().WithMany().HasForeignKey(r => r.TenantId).OnDelete(DeleteBehavior.Cascade);
    }
}
