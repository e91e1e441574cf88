using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Resellers;

internal sealed class GlobalPlanMapping : IEntityTypeConfiguration<GlobalPlan>
{
    public void Configure(EntityTypeBuilder<GlobalPlan> builder)
    {
        builder.ToTable("global_plans");
        builder.HasKey(p => p.Name);
        builder.Property(p => p.Name).HasMaxLength(63);
        builder.Property(p => p.DisplayName).HasMaxLength(200);
    }
}
