using CloudPbx.Data.Conversions;
using CloudPbx.Data.Resellers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class GlobalTrunkMapping : IEntityTypeConfiguration<GlobalTrunk>
{
    public void Configure(EntityTypeBuilder<GlobalTrunk> builder)
    {
        builder.ToTable("global_trunks");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.HasIndex(t => t.Name).IsUnique().HasFilter("reseller_id IS NULL");      // nulls are distinct: the platform's own need an index of their own
        builder.HasIndex(t => new { t.ResellerId, t.Name }).IsUnique();
        builder.Property(t => t.Name).HasMaxLength(64);
        builder.Property(t => t.Details).HasConversion(new JsonTextConverter<TrunkDetails>(), JsonTextConverter<TrunkDetails>.Comparer);
        builder.Property(t => t.Sources).HasConversion(new JsonListConverter<string>(), JsonListConverter<string>.Comparer);
        builder.Ignore(t => t.Keeper);
        builder.Property(t => t.Version).IsConcurrencyToken();
        builder.HasOne<GlobalReseller>().WithMany().HasForeignKey(t => t.ResellerId).OnDelete(DeleteBehavior.Restrict);
    }
}
